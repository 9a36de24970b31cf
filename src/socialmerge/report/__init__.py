"""Results as one page of HTML that anybody can read."""

from socialmerge.report.page import Reportable, ready, to_html

__all__ = ["Reportable", "ready", "to_html"]
