"""A matplotlib figure as SVG that can stand in a page: colours by class, text as text, no style of its own.

The page's Content-Security-Policy allows no style in an element, and its colours depend on the theme. So each colour of
a figure is a stand-in that becomes a class, and the rest of a style becomes attributes. No text of a user goes through
matplotlib, which would take some of it for mathematics or miss its letters: stand-ins do, and it takes their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from socialmerge.errors import MissingExtraError
from socialmerge.report.characters import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "FONT", "WIDTH", "Labels", "canvas", "draw", "ready"]

WIDTH = 340
"""Units across: about as many as a phone has, so that letters do not shrink there."""
FONT = 12.0
COLOURS = {
    name: f"#0000{number:02x}"
    for number, name in enumerate(("ink", "muted", "rule", "s1", "s2", "s3", "s4", "s5", "s6", "track", "page"), 1)
}
_NAME_OF = {colour: name for name, colour in COLOURS.items()}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)px")
_KEPT = (
    "stroke-width",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "text-anchor",
    "opacity",
    "fill-opacity",
    "stroke-opacity",
)
_NUMBER = re.compile(r"-?\d+\.\d{3,}")


class Labels:
    """Texts that take the place of stand-ins once the figure is drawn."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """A stand-in for a text."""
        token = f"t{len(self._texts)}"
        self._texts[token] = text
        return token

    def text(self, token: str) -> str:
        """The text of a stand-in; what is none stays."""
        return self._texts.get(token, token)


def ready() -> None:
    """See that matplotlib is installed; ``MissingExtraError`` where it is not."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        said = "a report needs jinja2 and matplotlib; install them with: pip install 'socialmerge[report]'"
        raise MissingExtraError(said) from error
    del mpl


@contextmanager
def canvas(height: float) -> Iterator[tuple[Figure, Callable[[float, float, float, float], Axes]]]:
    """Give a figure so many units high, and how to get axes with margins (left, right, top, bottom) in units.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    ready()
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()  # whatever the user's own settings are
        mpl.rc("svg", fonttype="none", hashsalt="socialmerge")
        mpl.rc("text", parse_math=False, color=COLOURS["ink"])
        mpl.rc("font", size=FONT)
        mpl.rc("axes", edgecolor=COLOURS["rule"], labelcolor=COLOURS["muted"])
        mpl.rc("xtick", color=COLOURS["muted"])
        mpl.rc("ytick", color=COLOURS["muted"])
        mpl.rc("xtick.major", size=0)
        mpl.rc("ytick.major", size=0)
        figure = Figure(figsize=(WIDTH / 72, height / 72))

        def axes(left: float, right: float, top: float, bottom: float) -> Axes:
            wide, high = (WIDTH - left - right) / WIDTH, (height - top - bottom) / height
            found = figure.add_axes((left / WIDTH, bottom / height, wide, high))
            found.patch.set_visible(False)
            return found

        figure.patch.set_visible(False)
        yield figure, axes


def draw(figure: Figure, *, name: str, title: str, desc: str, labels: Labels) -> str:
    """The figure as an ``svg`` element, to be called within `canvas`.

    Args:
        figure: what is drawn, in the colours of ``COLOURS``.
        name: what its ids begin with; no other drawing of the page may have it.
        title: what the plot shows, for who cannot see it.
        desc: what there is to see.
        labels: the texts.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    for artist in figure.findobj():
        artist.set_clip_on(False)
    written = BytesIO()
    FigureCanvasSVG(figure).print_svg(written, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})  # type: ignore[no-untyped-call, unused-ignore]
    root = ET.fromstring(written.getvalue())  # noqa: S314 - matplotlib wrote it just now, and no text of a user is in it
    body = "".join(_markup(child, _Namer(name, labels)) for child in root)
    view = root.get("viewBox", "")
    head = f'<svg viewBox="{view}" role="img" aria-labelledby="{name}-title {name}-desc">'
    said = f'<title id="{name}-title">{_said(title)}</title><desc id="{name}-desc">{_said(desc)}</desc>'
    return f"{head}{said}{body}</svg>"


class _Namer:
    """Ids that no other drawing has, and the texts of stand-ins."""

    def __init__(self, prefix: str, labels: Labels) -> None:
        self.prefix, self.labels = prefix, labels
        self._ids: dict[str, str] = {}

    def id(self, found: str) -> str:
        return self._ids.setdefault(found, f"{self.prefix}-{len(self._ids)}")


def _markup(element: ET.Element, names: _Namer) -> str:
    tag = element.tag.rpartition("}")[2]
    if tag in {"metadata", "style"}:
        return ""
    inside = "".join(_markup(child, names) for child in element)
    if tag == "text":
        inside = _said(names.labels.text((element.text or "").strip()))
    if tag in {"g", "defs"} and not inside:
        return ""
    written = "".join(
        f' {key}="{escape(value, {chr(34): "&quot;"})}"' for key, value in _attributes(element, tag, names)
    )
    if tag in {"g", "defs"} and not written:
        return inside if tag == "g" else f"<defs>{inside}</defs>"
    return f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>"


def _attributes(element: ET.Element, tag: str, names: _Namer) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        plain = key.rpartition("}")[2]
        if plain == "style":
            yield from _styled(value)
        elif plain == "href":
            yield "href", f"#{names.id(value.removeprefix('#'))}"
        elif plain == "id" and tag in {"path", "symbol"}:
            yield "id", names.id(value)
        elif plain == "transform" and value.startswith("rotate(-0 "):
            continue
        elif plain not in {"id", "clip-path"}:
            yield plain, _NUMBER.sub(lambda found: f"{float(found[0]):.2f}", " ".join(value.split()))


def _styled(style: str) -> Iterator[tuple[str, str]]:
    """A style as classes for its colours and attributes for the rest; without a colour matplotlib means black."""
    parts = dict(part.strip().split(": ", 1) for part in style.split(";") if ": " in part)
    classes = [
        f"{short}-{_NAME_OF[parts[long]]}"
        for short, long in (("f", "fill"), ("k", "stroke"))
        if parts.get(long) in _NAME_OF
    ]
    if classes:
        yield "class", " ".join(classes)
    if parts.get("fill") == "none":
        yield "fill", "none"
    size = _SIZE.search(parts.get("font-size", "") or parts.get("font", ""))
    if size:
        yield "font-size", size[1]
    if "bold" in parts.get("font-weight", "") or parts.get("font", "").startswith(("bold", "700", "600")):
        yield "font-weight", "600"
    yield from ((key, parts[key]) for key in _KEPT if key in parts)


def _said(text: str) -> str:
    return escape(visible(text))
