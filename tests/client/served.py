"""A `helios serve` of the tests' own, in a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Served:
    url: str
    token: str = field(repr=False)


@contextmanager
def serve(*arguments: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "helios_magic", "serve", "--json", "--port", "0", *(arguments or ("--memory",))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield Served(told["url"], Path(told["token_file"]).read_text().strip())
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=15)
