"""Generated applications, written down and run: each in processes of its own, on a store in a folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helios_magic.emulator.local import open_local
from tests.emulator.calling import CHEAP, Api, Clock

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Application:
    """`code` holds the files, `store` the database, `data` is the endpoint's answer."""

    code: Path
    store: Path
    data: dict[str, Any]

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HELIOS_URL": str(self.store),
            "HELIOS_STORE": str(self.store),
            "API_TOKEN": "test",
        }

    def run(self, *command: str, **extra: str) -> str:
        """Run Python on the code; it must end well."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.code, env=self.environment | extra, capture_output=True, text=True, timeout=540,
        )  # fmt: skip
        assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
        return done.stdout


def generate(at: Path, statements: Sequence[str], path: str, body: Mapping[str, Any]) -> Application:
    """An application over a new store in which these statements ran."""
    store = at / "store"
    local = open_local(store, passwords=CHEAP)
    try:
        api = Api(local, Clock())
        asked = {"statements": [{"query": each} for each in statements]}
        assert api("POST", "/sql/batch", asked, database="default").data["committed"]
        data = api("POST", path, body, database="default").data
    finally:
        local.close()
    for file in data["files"]:
        target = at / "code" / file["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file["content"])
    return Application(at / "code", store, data)
