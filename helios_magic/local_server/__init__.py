"""The shared local server: one small process a store, started by whoever needs it first and found by the others.

Two processes cannot open one DuckDB file.  So a kernel, a script and a sidebar that work on the same data speak to one
server.  It says where it is in a file that only this user can read (`records`); a client believes the file only once
the server behind it has shown the same instance (`health`); the first client that finds none starts one (`starting`).
"""

from __future__ import annotations

from helios_magic.local_server.health import Seen, look_at, stop
from helios_magic.local_server.records import API_NUMBER, Record, Records, ends
from helios_magic.local_server.starting import Server, ensure, find

__all__ = ["API_NUMBER", "Record", "Records", "Seen", "Server", "ends", "ensure", "find", "look_at", "stop"]
