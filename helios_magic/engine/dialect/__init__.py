"""PostgreSQL read, checked and rewritten as DuckDB."""
