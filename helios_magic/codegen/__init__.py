"""Code from tables: `Schema` in, sources out; knows no HTTP, no engine and no notebook.

`selection` finds the tables that were asked for, `shapes` says of each what every target needs to know, `naming` makes
identifiers, and each target emits: `languages` one source of types, `rest` and `graphql` applications as files.
"""

from __future__ import annotations
