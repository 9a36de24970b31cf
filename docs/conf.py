"""How the documentation is built; the pages on the command line and on channels are made from what is there."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import generate  # noqa: E402 - stands beside this file

project = "socialmerge"
author = "The socialmerge authors"
project_copyright = "The socialmerge authors; Apache-2.0"
version = release = version_of("socialmerge")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "_generated"]
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
autodoc_mock_imports = ["recordlinkage"]  # an extra, which needs an older pandas: nox -s interop runs with it
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"socialmerge {version}"
html_copy_source = False

generate.pages(HERE / "_generated")
