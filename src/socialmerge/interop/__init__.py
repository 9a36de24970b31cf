"""Exchange with other tools for record linkage: one module a tool, each imported by itself, with the extra it needs."""
