"""The store: a folder with the state in SQLite and one DuckDB file a branch."""
