"""Run every application beside PostgreSQL and print the pass rate and what is missing."""

from __future__ import annotations

import argparse
import importlib.util

from tests.dialect.applications import django_app, sqlalchemy_app
from tests.dialect.applications.recorder import Recorder, report
from tests.dialect.differential.servers import Wheel


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["django", "sqlalchemy"], help="one application instead of all")
    parser.add_argument("--without-wagtail", action="store_true", help="only Django's own applications")
    chosen = parser.parse_args()
    wheel = Wheel()
    recorders: list[Recorder] = []
    try:
        if chosen.only != "sqlalchemy":
            recorders += _django(wheel, wagtail=not chosen.without_wagtail)
        if chosen.only != "django":
            recorders += _sqlalchemy(wheel)
        print(report(recorders))
    finally:
        for recorder in recorders:
            recorder.close()
        wheel.close()


def _django(wheel: Wheel, *, wagtail: bool) -> list[Recorder]:
    wagtail = wagtail and importlib.util.find_spec("wagtail") is not None
    wheel.database("django").close()
    django_app.configure(wheel.address("django"), wagtail=wagtail)
    migrated = Recorder("Django's migrations" + (" and Wagtail's" if wagtail else ""))
    django_app.migrate(migrated)
    used = Recorder("Django's ORM", session=migrated.session)
    django_app.use(used)
    seen = Recorder("Django's introspection", session=migrated.session)
    django_app.inspect(seen)
    return [migrated, used, seen]


def _sqlalchemy(wheel: Wheel) -> list[Recorder]:
    wheel.database("alchemy").close()
    return sqlalchemy_app.run(wheel.address("alchemy"))


if __name__ == "__main__":
    main()
