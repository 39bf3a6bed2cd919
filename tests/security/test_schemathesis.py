"""schemathesis over the OpenAPI document of a real server: short in every run, ninety seconds where there is time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.security.schemathesis_run import ROOT


def ran(seconds: int, *more: str) -> str:
    command = [sys.executable, "-m", "tests.security.schemathesis_run", "--seconds", str(seconds), *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds + 120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_few_seconds_find_nothing() -> None:
    assert "No issues found" in ran(5, "--seed", "1")


@pytest.mark.toolchain
def test_ninety_seconds_find_nothing() -> None:
    assert "No issues found" in ran(90)
