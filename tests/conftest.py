"""How much Hypothesis tries: ``everyday``, ``brief`` on further Pythons, ``thorough`` in ``nox -s property``.

``nightly`` is ten times that: ``nox -s property -- --hypothesis-profile=nightly``.
What CI runs tries the same examples every time, so that it says something of the change and not of the draw; the
thorough profiles draw anew, and what they find becomes an ``@example`` or a test of its own.
"""

from hypothesis import settings

settings.register_profile("everyday", settings(), deadline=None, max_examples=50, derandomize=True)
settings.register_profile("brief", settings(), deadline=None, max_examples=10, derandomize=True)
settings.register_profile("thorough", settings(), deadline=None, max_examples=1000)
settings.register_profile("nightly", settings(), deadline=None, max_examples=10_000)
settings.load_profile("everyday")
