"""The match keys of whole columns at a time: what is plain ASCII is read as bytes, the rest by the parser of its kind.

A fast path is only a short cut: on every text that it settles it gives the key that the parser gives, which property
tests hold; every other text goes to the parser.
"""
