"""MySQL's scripts, run by a real MariaDB server where Debian's package is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helios_magic.designer import OfflineDesigner, Representation
from helios_magic.designer.ddl import write
from helios_magic.designer.representation import Attribute, Entity, Relationship
from helios_magic.designer.tables import build
from tests.designer.scoring import given, own

pytestmark = pytest.mark.toolchain


class MariaDB:
    """A server with its data in a folder, spoken to by Debian's own client over its socket."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "socket"

    def run(self, script: str) -> None:
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--default-character-set=utf8mb4"]
        done = subprocess.run(command, input=script, capture_output=True, text=True)
        assert done.returncode == 0, f"{done.stderr}\n{script[:3000]}"

    def ready(self) -> bool:
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--execute=SELECT 1"]
        return subprocess.run(command, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    server = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin")
    if server is None or shutil.which("mariadb") is None or shutil.which("mariadb-install-db") is None:
        pytest.skip("MariaDB is not installed")
    folder = tmp_path_factory.mktemp("mariadb")
    options = ["--no-defaults", f"--datadir={folder / 'data'}"]
    options += ["--user=root"] if os.getuid() == 0 else []
    subprocess.run(
        ["mariadb-install-db", *options, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True,
        capture_output=True,
    )
    started = MariaDB(folder)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [
                *(server, *options, f"--socket={started.socket}", "--skip-networking", f"--pid-file={folder / 'pid'}"),
                # Nothing here outlives the test: no waiting for the disk.
                *("--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"),
            ],
            stdout=log,
            stderr=log,
        )
    try:
        until = time.monotonic() + 60
        while not started.ready():
            assert process.poll() is None, (folder / "log").read_text()[-3000:]
            assert time.monotonic() < until, "MariaDB does not answer"
            time.sleep(0.2)
        yield started
    finally:
        process.terminate()
        process.wait(30)


def script(design: Representation) -> str:
    statements = write(build(design), "mysql").statements
    return "".join(
        f"{each};\n"
        for each in ("DROP DATABASE IF EXISTS d", "CREATE DATABASE d CHARACTER SET utf8mb4", "USE d", *statements)
    )


def test_every_case_runs(mariadb: MariaDB) -> None:
    cases = [*given(), *own()]
    mariadb.run("".join(script(OfflineDesigner().design(case.description)) for case in cases))


def test_circles_defaults_and_hostile_names_run(mariadb: MariaDB) -> None:
    odd = ["select", 'a"b', "a`b", "Größe x", "x" * 200, "group"]
    kinds = ("text", "long", "int", "money", "moment", "bool", "json", "time", "year", "percent", "duration")
    more = tuple(Attribute(f"of_{kind}", kind) for kind in kinds)
    entities = tuple(
        Entity(name, (Attribute("user", "choice", choices=("a'b", "c"), default="c"), *more)) for name in odd
    )
    links = [Relationship(name, odd[0], "many-to-one", required=True) for name in odd[1:]]
    links += [Relationship(odd[0], odd[1], "many-to-one"), Relationship(odd[1], odd[2], "many-to-many")]
    links.append(Relationship(odd[1], odd[1], "many-to-one", role="parent"))
    mariadb.run(script(Representation(entities, tuple(links))))
