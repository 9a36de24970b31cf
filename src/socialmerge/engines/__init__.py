"""Engines: bring rows together and run the stages over them."""

from socialmerge.engines.local import LocalEngine, Matched

__all__ = ["LocalEngine", "Matched"]
