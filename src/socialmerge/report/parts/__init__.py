"""The parts of a report, one module for each kind of result."""
