"""Generated statements, run beside a real PostgreSQL server; every difference is a fault of ours.

`features/` says what can be written, `grammar.py` draws statements from it, `servers.py` runs them on both sides,
`verdict.py` compares the answers, `shrinking.py` makes a difference small and `report.py` counts.  By hand:

    python -m tests.dialect.differential --statements 50000 --seed 1
"""
