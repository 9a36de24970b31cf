"""How good a result is, measured against true answers: precision, recall, B-cubed, calibration, duplicates created."""

from __future__ import annotations

from socialmerge.outcomes.evaluation import Attaching, Evaluation, evaluate

__all__ = ["Attaching", "Evaluation", "evaluate"]
