"""How much Hypothesis tries: ``everyday``, ``brief`` on further Pythons, ``thorough`` in ``nox -s property``."""

from hypothesis import settings

settings.register_profile("everyday", settings(), deadline=None)
settings.register_profile("brief", settings(), deadline=None, max_examples=20)
settings.register_profile("thorough", settings(), deadline=None, max_examples=1000)
settings.load_profile("everyday")
