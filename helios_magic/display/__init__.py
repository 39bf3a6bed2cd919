"""Pure functions that draw results, plans, schemas and errors as text and HTML."""
