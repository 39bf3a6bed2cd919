"""What Django and SQLAlchemy send is answered as PostgreSQL answers it.

The whole report: `python -m tests.dialect.applications`.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.dialect.applications.recorder import Recorder, report


def share(recorder: Recorder) -> float:
    return recorder.counted()["same"] / len(recorder.findings)


@pytest.mark.long
def test_sqlalchemys_statements_are_answered_as_postgresql_does():
    sqlalchemy_app = pytest.importorskip("tests.dialect.applications.sqlalchemy_app")
    from tests.dialect.differential.servers import Wheel

    wheel = Wheel()
    try:
        wheel.database("alchemy").close()
        used, seen = sqlalchemy_app.run(wheel.address("alchemy"))
        used.close()
    finally:
        wheel.close()
    assert share(used) == 1, report([used])
    assert share(seen) >= 0.95, report([seen])


@pytest.mark.long
def test_djangos_report_is_made_in_a_process_of_its_own():
    pytest.importorskip("django")
    command = [sys.executable, "-m", "tests.dialect.applications", "--only", "django", "--without-wagtail"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    told = {line.split(":")[0]: line for line in done.stdout.splitlines() if " statements as PostgreSQL" in line}
    assert set(told) == {"Django's migrations", "Django's ORM", "Django's introspection"}
    assert float(told["Django's ORM"].split("(")[1].split("%")[0]) >= 98


def test_a_difference_is_told():
    recorder = Recorder("by hand")
    recorder.compare("SELECT 1 AS a", None, ["a"], [(1,)])
    recorder.compare("SELECT 1 AS a", None, ["a"], [(2,)])
    recorder.compare("SELECT 1 AS a", None, ["b"], [(1,)])
    recorder.compare("SELECT none", None, None, (), "42703")
    recorder.compare("SELECT none", None, ["none"], [(1,)])
    recorder.close()
    assert [finding.verdict for finding in recorder.findings] == ["same", "different", "different", "same", "refused"]
    assert "by hand: 2 of 5 statements" in report([recorder])
