"""The house rules that a machine can check: layers, types, lint, file sizes, and what a wheel carries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "helios_magic"
TOP_LEVEL = {
    ".ci",
    ".gitignore",
    "LICENSE",
    "README.md",
    "helios_magic",
    "labextension",
    "notebooks",
    "pyproject.toml",
    "tests",
}


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["ruff", "check", "."], id="ruff-check"),
        pytest.param(["ruff", "format", "--check", "."], id="ruff-format"),
        pytest.param(["mypy"], id="mypy-strict"),
        pytest.param(["importlinter.cli", "lint-imports"], id="layers"),
    ],
)
def test_the_checkers_are_content(command: list[str]) -> None:
    tool, *arguments = command
    if tool == "importlinter.cli":
        run = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    else:
        run = [sys.executable, "-m", tool, *arguments]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_are_one_idea_each() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sorted([*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")])
        if (lines := len(path.read_text().splitlines())) > 450
    }
    assert not long, f"split these: {long}"


def test_no_name_that_says_nothing() -> None:
    refused = {"manager", "helper", "helpers", "utils", "util", "common", "misc", "core"}
    assert not [path for path in PACKAGE.rglob("*.py") if path.stem in refused]


def test_the_top_level_is_fixed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    assert {name.split("/")[0] for name in listed.stdout.split()} <= TOP_LEVEL
