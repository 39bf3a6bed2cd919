"""`helios doctor`: what it looks at, what it calls wrong, and that it says the mend."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from helios_magic.local_server import Records
from helios_magic.store import NEWEST_FORMAT, Store
from tests.cli.test_helios import helios
from tests.contract.serving import serving


@pytest.fixture
def here(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "run").mkdir(mode=0o700)
    return {
        "HELIOS_STORE": str(tmp_path / "store"),
        "HELIOS_RUNTIME": str(tmp_path / "run"),
        "HELIOS_CONFIG": str(tmp_path / "config.toml"),
    }


def test_before_the_first_use_nothing_is_wrong_and_nothing_is_made(here: dict[str, str], tmp_path: Path) -> None:
    done = helios("doctor", **here)
    assert (done.returncode, done.stderr) == (0, "")
    assert "not made yet" in done.stdout
    assert f"this version writes {NEWEST_FORMAT}" in done.stdout
    assert "none runs; the first notebook or script that needs it starts one" in done.stdout
    assert "duckdb 2." in done.stdout
    assert "JupyterLab" in done.stdout
    assert "sidebar" in done.stdout
    assert done.stdout.endswith("Nothing is wrong.\n")
    assert not (tmp_path / "store").exists()


def test_a_server_that_runs_is_told_with_its_lock(here: dict[str, str]) -> None:
    # `serving` writes its record in the runtime folder of the test run.
    shared = {name: value for name, value in here.items() if name != "HELIOS_RUNTIME"}
    runtime = os.environ["HELIOS_RUNTIME"]
    with serving("--store", here["HELIOS_STORE"]) as server:
        done = helios("doctor", **shared, HELIOS_RUNTIME=runtime)
        assert f"process {server.process.pid} (helios serve)" in done.stdout
        assert f"{here['HELIOS_STORE']}, " in done.stdout
        assert f"format      {NEWEST_FORMAT}" in done.stdout
        assert server.token not in done.stdout


def test_each_thing_that_is_wrong_is_told_with_its_mend(here: dict[str, str], tmp_path: Path) -> None:
    Store.open(tmp_path / "store").close()
    with sqlite3.connect(tmp_path / "store" / "helios.sqlite3") as records:
        records.execute("UPDATE about SET value = '99' WHERE key = 'format'")
    records.close()
    (tmp_path / "config.toml").write_text('timeout = "soon"\n')
    (tmp_path / "run").chmod(0o777)
    done = helios("doctor", **here)
    assert done.returncode == 1
    assert "WRONG  settings" in done.stdout
    assert "WRONG  format" in done.stdout
    assert "99, written by helios-magic" in done.stdout
    assert "→ pip install 'helios-magic>=" in done.stdout
    assert "WRONG  runtime" in done.stdout
    assert f"chmod 700 {tmp_path / 'run'}" in done.stdout
    # The settings are read for the embeddings too, and the runtime folder for the server: each cause is told once.
    assert done.stdout.endswith("3 things are wrong.\n")


@pytest.mark.long
def test_a_server_that_hangs_is_told_and_its_mend_ends_it(here: dict[str, str], tmp_path: Path) -> None:
    script = "import helios_magic as h\nwith h.connect() as s: s.run('CREATE TABLE kept (id int)')"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HELIOS_")} | here
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    record = Records(tmp_path / "store", tmp_path / "run").read()
    assert record is not None
    os.kill(record.pid, signal.SIGSTOP)
    try:
        done = helios("doctor", **here)
        assert f"WRONG  server      process {record.pid} runs and does not answer" in done.stdout
        assert done.stdout.endswith("One thing is wrong.\n")
        mend = next(line for line in done.stdout.splitlines() if "→ helios stop" in line)
        refused = helios("stop", **here)
        assert refused.returncode == 1
        assert "does not answer" in refused.stderr
        stopped = helios(*mend.split()[2:], **here)
        assert f"process {record.pid}" in stopped.stdout, stopped.stderr
        assert helios("doctor", **here).returncode == 0
        assert "No local server" in helios("stop", **here).stdout
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, signal.SIGKILL)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_cannot_be_made_is_told(here: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    done = helios("doctor", **{**here, "HELIOS_STORE": str(tmp_path / "closed" / "store")})
    assert "cannot be made" in done.stdout
    assert "export HELIOS_STORE" in done.stdout


def test_a_store_that_others_can_read_and_one_that_is_held(here: dict[str, str], tmp_path: Path) -> None:
    held = Store.open(tmp_path / "store")
    try:
        (tmp_path / "store").chmod(0o755)
        done = helios("doctor", **here)
        assert "can be read by other users" in done.stdout
        assert f"chmod go-rwx {tmp_path / 'store'}" in done.stdout
        assert "has the store open for itself" in done.stdout
        assert f"process {os.getpid()}" in done.stdout
        assert done.returncode == 1
    finally:
        held.close()


def test_records_that_cannot_be_read_are_told(here: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "store").mkdir(mode=0o700)
    (tmp_path / "store" / "helios.sqlite3").write_bytes(b"no database at all" * 100)
    (tmp_path / "store" / "helios.sqlite3").chmod(0o600)
    done = helios("doctor", **here)
    assert "WRONG  format" in done.stdout
    assert "cannot be read" in done.stdout
    assert done.returncode == 1


def test_without_jupyterlab_it_says_how_to_get_it(here: dict[str, str]) -> None:
    # `without` hides the module; the distribution is still there, and it is what counts.
    assert helios("doctor", **here, without="jupyterlab").returncode == 0
