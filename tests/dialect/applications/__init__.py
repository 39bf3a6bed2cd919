"""Applications that nobody here wrote, run on PostgreSQL, each of their statements on ours too.

`python -m tests.dialect.applications` prints how many statements are answered as PostgreSQL answers them, and what
is missing, by cause.
"""
