"""Benchmarks: commands that print measured ratios, each side in the same run.  They are not timed tests."""
