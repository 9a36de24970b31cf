"""Attach volunteered social data to the customer records you have, without creating a duplicate."""
