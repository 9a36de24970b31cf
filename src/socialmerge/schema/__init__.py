"""What the columns of a table mean, by name and by content."""

from socialmerge.schema.identity import is_id_name, meant_as_id
from socialmerge.schema.inference import infer
from socialmerge.schema.model import Column, Schema

__all__ = ["Column", "Schema", "infer", "is_id_name", "meant_as_id"]
