"""The tutorials run as they are shipped, each in a kernel and a store of its own (nbval)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helios_magic.embedding import weights

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_tutorial_runs(notebook: Path, tmp_path: Path) -> None:
    if notebook.stem == "04-vector-search" and weights.installed() is None:
        pytest.skip(f"the weights of {weights.MODEL} are not installed: {weights.INSTALL}")
    environment = {**os.environ, "HELIOS_STORE": str(tmp_path / "store"), "PYTHONPATH": str(ROOT)}
    run = [sys.executable, "-m", "pytest", "--nbval-lax", "-p", "no:cacheprovider", "-q", "-W", "default"]
    run += ["--nbval-sanitize-with", str(Path(__file__).parent / "notebooks.cfg")]
    done = subprocess.run(
        [*run, "-o", "addopts=", "--rootdir", str(tmp_path), str(notebook)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:]
