"""Branches under torture: a slow oracle beside the engine, kills, threads and bad input."""
