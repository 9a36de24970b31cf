"""Metrics of a store are counted on each database that is there."""

from tests.store.conftest import postgres_server, postgres_url, schema_url

__all__ = ["postgres_server", "postgres_url", "schema_url"]
