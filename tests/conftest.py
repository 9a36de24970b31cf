"""How much Hypothesis tries: ``everyday``, ``brief`` on further Pythons, ``thorough`` in ``nox -s property``.

``nightly`` is ten times that: ``nox -s property -- --hypothesis-profile=nightly``.
"""

from hypothesis import settings

settings.register_profile("everyday", settings(), deadline=None, max_examples=50)
settings.register_profile("brief", settings(), deadline=None, max_examples=10)
settings.register_profile("thorough", settings(), deadline=None, max_examples=1000)
settings.register_profile("nightly", settings(), deadline=None, max_examples=10_000)
settings.load_profile("everyday")
