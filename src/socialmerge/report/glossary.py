"""The words of a report, explained for somebody who has not met them."""

from __future__ import annotations

__all__ = ["WORDS"]

WORDS = (
    (
        "Attach",
        (
            "To say that a profile belongs to a customer you have. The customer's row stays one row; it may learn "
            "something from the profile."
        ),
    ),
    (
        "Assurance",
        (
            "How an attachment is held up. Verified: by something that was proved, such as an address that the "
            "platform confirmed. Inferred: by evidence that a stranger could have typed in; it never adds a contact "
            "point."
        ),
    ),
    (
        "Bit",
        (
            "The unit of evidence. One bit doubles the odds, ten bits make them about a thousand times as good, and "
            "bits of several comparisons add up."
        ),
    ),
    (
        "Calibration",
        "Whether probabilities mean what they say: of all answers given at 90 %, nine in ten should be right.",
    ),
    ("Channel", "Where a profile comes from: a social network, a newsletter, a blog, a stack of contact cards."),
    ("Cluster", "The rows of a table that are taken to be one person."),
    (
        "CRM",
        (
            "Customer relationship management: the table or program in which you keep your customers, their contacts "
            "and what was agreed."
        ),
    ),
    ("Duplicate", "A row about a person who has a row already. Three rows of one person are two duplicates."),
    ("F1", "Precision and recall in one number, between 0 and 1; it is high only where both are."),
    ("Interval", "The range in which the true number lies with 95 % confidence. The fewer cases, the wider it is."),
    ("Odds", "How many times likelier one thing is than the other. Odds of 99 to 1 are a probability of 99 %."),
    ("Precision", "The share of the answers given that are right."),
    ("Profile", "What a person said about themselves on a channel: a name, a handle, an address, a link."),
    ("Recall", "The share of what there was to find that was found."),
    ("Review", "A pair that a person should look at, because a mistake would cost more than the look."),
    ("Runner-up", "The customer who fits second best. Where it fits about as well as the best, nobody is chosen."),
)
