"""What a notebook shows and saves of the token that it is connected with: nothing, whatever is asked of it.

Passwords and the sign-in magics: `tests.magics.test_accounts`.
"""

from __future__ import annotations

import io
import logging
import pickle

import nbformat
import nbformat.v4 as notebooks
import pytest

import helios_magic
from tests.contract.serving import Served
from tests.magics.conftest import Notebook, bare, shell  # noqa: F401 - fixtures

CELLS = [
    "%whos", "%who_ls", "session", "repr(session), str(session), f'{session}'", "vars(session)", "dir(session)",
    "vars(session.client)", "session.client", "{name: getattr(session, name, None) for name in dir(session)}",
    "import pprint; pprint.pprint(vars(session))", "help(session)", "%pdoc session", "%pinfo session",
    "session.tables()", "session.sql('SELECT word FROM treasure')", "session.sql('SELECT nothing')",
    "session.client.databases()", "%xmode Verbose", "session.sql(1)", "session.client.sql(object())",
    "def deep(s):\n    again = s\n    return 1/0", "deep(session)", "session.sql('SELECT 1', timeout=-1)",
    "%xmode Context", "%history", "import json; json.dumps(session, default=repr)",
    "import copy; copy.deepcopy(session)",
    "%helios status", "%helios databases", "%helios sql SELECT 1", "%helios nothing", "%config",
]  # fmt: skip


@pytest.fixture
def connected(bare: Notebook, server: Served) -> Notebook:  # noqa: F811
    """A notebook with `session`, on a server that asks for a token."""
    bare.ok("%load_ext helios_magic")
    bare["session"] = helios_magic.connect(server.url, token=server.token, database="default")
    bare.ok("%helios connect " + server.url + " --token-env SECURITY_TEST_TOKEN")
    return bare


@pytest.fixture(autouse=True)
def token_in_the_environment(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECURITY_TEST_TOKEN", server.token)


def test_no_cell_shows_the_token(connected: Notebook, server: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    cells = []
    for code in CELLS:
        ran = connected.run(code)
        shown = [ran.printed, ran.text, ran.html, str(ran.error), repr(ran.error), *map(str, ran.displayed)]
        assert not [text for text in shown if server.token in text], code
        assert ("owner's treasure" in ran.text) == ("FROM treasure" in code)
        cells.append(
            notebooks.new_code_cell(code, outputs=[notebooks.new_output("stream", text=text) for text in shown])
        )
    saved = io.StringIO()
    nbformat.write(notebooks.new_notebook(cells=cells), saved)
    assert server.token not in saved.getvalue()
    assert server.token not in caplog.text
    connected["session"].close()


def test_a_session_is_not_pickled(connected: Notebook, server: Served) -> None:
    session = connected["session"]
    for thing in (session, session.client):
        with pytest.raises((TypeError, AttributeError, pickle.PicklingError)) as refused:
            pickle.dumps(thing)
        assert server.token not in str(refused.value)
    session.close()
