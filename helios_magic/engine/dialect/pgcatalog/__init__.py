"""pg_catalog and information_schema: what PostgreSQL 18 would show of a branch's structure.

Rows are written out from `Schema` into the prepared statement, so they are as old as its plan: the engine prepares
again when the structure changes.  Object identifiers (oids) are built-in ones for what PostgreSQL itself brings, and
follow from the objects' identities for what the user made.
"""
