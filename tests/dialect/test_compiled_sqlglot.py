"""A compiled sqlglot in the user's environment is named, with what mends it, when the dialect is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path


def test_a_compiled_sqlglot_is_refused_by_name(tmp_path: Path) -> None:
    """The places of sqlglotc's files, which lie beside sqlglot's own and come before them; nothing is loaded."""
    expressions = tmp_path / "sqlglot" / "expressions"
    expressions.mkdir(parents=True)
    for package in (expressions, expressions.parent):
        (package / "__init__.py").touch()
    (expressions / f"core{EXTENSION_SUFFIXES[0]}").touch()
    path = os.pathsep.join([str(tmp_path), *sys.path])
    loaded = subprocess.run(
        [sys.executable, "-c", "import helios_magic.engine.dialect"],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert loaded.returncode != 0
    assert "sqlglot is compiled here (sqlglotc)" in loaded.stderr
    assert "pip uninstall sqlglotc" in loaded.stderr
