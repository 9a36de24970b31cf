"""The plan: what is compared, which keys find pairs, what each agreement weighs, and what mistakes cost."""

from socialmerge.matching.decisions import Costs
from socialmerge.plan.fields import account, category, code, date, email, key, name, number, phone, place, text, url
from socialmerge.plan.plan import Plan
from socialmerge.schema.fields import PROFILE_COLUMNS

__all__ = [
    "PROFILE_COLUMNS",
    "Costs",
    "Plan",
    "account",
    "category",
    "code",
    "date",
    "email",
    "key",
    "name",
    "number",
    "phone",
    "place",
    "text",
    "url",
]
