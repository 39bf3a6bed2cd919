from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import SystemRandom

import hypothesis
import pytest

from tests.local_server.ending import end_all

pytest_plugins = ["tests.embedding.fixtures"]

HERE = Path(__file__).parent
_SAID = "said"
_SEED = 4


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--seed", default=str(_SEED), metavar="N",
        help="where what is drawn by chance begins; the same in each run unless told, `new` for one that is drawn",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    if config.option.seed == "new":
        config.option.seed = str(SystemRandom().randrange(1_000_000))
        return
    hypothesis.settings.register_profile("the same in each run", derandomize=True)
    hypothesis.settings.load_profile("the same in each run")


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.option.seed)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two for the quick tests as a whole, which wait for other processes and for disks half of their time.

    None for tests that are named, or chosen by mark: long ones take the whole machine, a few have started sooner so.
    """
    whole = {Path(config.invocation_params.dir, each).resolve() for each in config.args} == {HERE}
    return 2 if whole and "not long" in config.option.markexpr else 0


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Tell, at the end of the run, how much a test tried that goes by the clock."""
    return lambda words: record_property(_SAID, words)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, words in getattr(report, "user_properties", ()):
                if name == _SAID and report.when == "call":
                    terminalreporter.section(report.nodeid)
                    terminalreporter.write_line(str(words))


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
