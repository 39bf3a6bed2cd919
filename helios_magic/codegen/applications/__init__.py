"""Applications over the tables, as files: a REST API, and a GraphQL API.  Both run on helios-magic's own client."""

from __future__ import annotations
