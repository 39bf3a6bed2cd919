from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_server.ending import end_all

pytest_plugins = ["tests.embedding.fixtures"]


@pytest.fixture(scope="session", autouse=True)
def runtime_folder() -> Iterator[Path]:
    """Where this run's local servers say that they are there; none of them outlives the run, none is the user's own."""
    before = os.environ.get("HELIOS_RUNTIME")
    with tempfile.TemporaryDirectory(prefix="helios-run-") as folder:
        os.environ["HELIOS_RUNTIME"] = folder
        yield Path(folder)
        end_all(Path(folder))
    if before is None:
        del os.environ["HELIOS_RUNTIME"]
    else:
        os.environ["HELIOS_RUNTIME"] = before
