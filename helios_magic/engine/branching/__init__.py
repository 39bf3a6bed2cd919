"""Branches: ancestry, copies, merge and diff.

A branch points at a node, a file that is sealed or not.  Creating a branch seals its parent's node and points both at
it; the first write of either side copies the file into a node of its own.  Read in this order: `ancestry` (who
descends from whom), `files` (copies), `structure` and `rows` (what differs, and what both sides together make of it),
`merge` (all of it in order).
"""
