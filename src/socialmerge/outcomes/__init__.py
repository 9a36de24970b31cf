"""What came of it: how good a result is against true answers, and how many followers became customers."""

from __future__ import annotations

from socialmerge.outcomes.evaluation import Attaching, Evaluation, evaluate
from socialmerge.outcomes.figures import Metrics
from socialmerge.outcomes.measuring import metrics

__all__ = ["Attaching", "Evaluation", "Metrics", "evaluate", "metrics"]
