"""The engine and the oracle side by side: one step on both, then everything compared."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from helios_magic.engine import DuckDBEngine, open_engine
from helios_magic.engine.branching.caretaker import collect
from helios_magic.engine.face import (
    BatchStopped,
    Limits,
    Merged,
    MergeOrder,
    Outcome,
    Page,
    Statement,
)
from helios_magic.errors import (
    AlreadyExistsError,
    ApiError,
    ForbiddenError,
    HasChildrenError,
    NotBuiltError,
    NotFastForwardError,
    NotFoundError,
    QueryError,
    ValidationError,
)
from helios_magic.store import Store
from tests.branching import steps
from tests.branching.comparing import (
    page_rows,
    resolution,
    told_conflicts,
    unlike_conflicts,
    unlike_counts,
    unlike_rows,
    unlike_structure,
)
from tests.branching.model import Refused, Version
from tests.branching.operations import Op
from tests.branching.oracle import MergeAnswers, Oracle
from tests.branching.writes import Insert

DATABASE = "db_torture"


class Differs(AssertionError):  # noqa: N818 - it is a finding
    """The engine and the oracle do not agree."""


def expect(condition: object, message: str) -> None:
    if not condition:
        raise Differs(message)


def opened_at(folder: Path) -> tuple[Store, DuckDBEngine]:
    store = Store.open(folder)
    return store, open_engine(store)


class Beside:
    """An engine on a store in `folder`, and the oracle."""

    def __init__(
        self, folder: Path, database: str = DATABASE, opened: tuple[Store, DuckDBEngine] | None = None
    ) -> None:
        self.folder, self.database = folder, database
        self.oracle = Oracle()
        self.counts: Counter[str] = Counter()
        self.drawn: dict[str, set[int]] = {}
        self._fakes = itertools.count(-1, -1)
        self.store, self.engine = opened or opened_at(folder)
        if not self.store.branches.list(database):
            self.engine.create(database)

    def close(self) -> None:
        self.engine.close()
        self.store.close()

    def step(self, step: steps.Step) -> None:
        self.counts[type(step).__name__.lower()] += 1
        try:
            self._step(step)
        except NotBuiltError:
            self.counts["not built"] += 1

    def _step(self, step: steps.Step) -> None:
        {
            steps.Run: self._run, steps.Fork: self._fork, steps.Delete: self._delete, steps.Merge: self._merge,
            steps.Diff: self._diff, steps.Reopen: self._reopen,
            steps.Collect: self._collect,
            steps.Rest: self._rest,
        }[type(step)](step)  # type: ignore[operator]  # fmt: skip

    # Statements

    def _run(self, step: steps.Run) -> None:
        if step.branch not in self.oracle.branches:
            return
        outcomes, error = self._executed(step)
        for op in step.ops:
            self.counts[f"op {getattr(op, 'what', type(op).__name__.lower())}"] += 1
        if error is not None and self._declined(error, step):
            self.counts["declined"] += 1
        if step.transaction or len(step.ops) == 1:
            self._whole(step, outcomes, error)
        else:
            self._each(step, outcomes, error)
        self._agree(step.branch)

    def _executed(self, step: steps.Run) -> tuple[list[Outcome], ApiError | None]:
        try:
            if len(step.ops) == 1:
                return [self.execute(step.branch, step.ops[0].sql)], None
            statements = [Statement(op.sql) for op in step.ops]
            done = self.engine.batch(self.database, step.branch, statements, Limits(), transaction=step.transaction)
        except BatchStopped as stopped:
            if not isinstance(stopped.error, QueryError):
                raise stopped.error from stopped
            return stopped.outcomes, stopped.error
        except QueryError as error:
            return [], error
        return done, None

    @staticmethod
    def _declined(error: ApiError, step: steps.Run) -> bool:
        op = step.ops[error.details.get("statement_index", 0)]
        tolerated = op.structural or (isinstance(op, Insert) and op.conflict is not None)
        return tolerated and error.details.get("sqlstate") == "0A000"

    def _whole(self, step: steps.Run, outcomes: list[Outcome], error: ApiError | None) -> None:
        if error is not None:
            if self._declined(error, step):
                return
            numbers = [self._invented(op) for op in step.ops]
        else:
            numbers = [self._numbers(step.branch, op, o) for op, o in zip(step.ops, outcomes, strict=True)]
        try:
            version, changed = self.oracle.attempt(step.branch, step.ops, numbers)
        except Refused as refused:
            expect(error is not None, f"the engine accepted what must be refused with {refused}")
            assert error is not None
            state = error.details.get("sqlstate")
            expect(not refused.states or state in refused.states, f"refused with {state}, not {refused}: {error}")
            self.counts["refused"] += 1
            return
        expect(error is None or self._two_counters(step), f"the engine refused: {error} {error and error.details}")
        if error is None:
            self.oracle.write(step.branch, version, idle=not changed)

    def _two_counters(self, step: steps.Run) -> bool:
        tables = {t.name: t for t in self.oracle.version(step.branch).tables.values()}
        return any(isinstance(op, Insert) and op.table in tables and tables[op.table].counters > 1 for op in step.ops)

    def _each(self, step: steps.Run, outcomes: list[Outcome], error: ApiError | None) -> None:
        for op, outcome in zip(step.ops, outcomes, strict=False):
            self._whole(steps.Run(step.branch, (op,)), [outcome], None)
        if error is not None:
            at = len(outcomes)
            expect(error.details.get("statement_index") == at, f"statement_index is not {at}: {error.details}")
            del error.details["statement_index"]
            self._whole(steps.Run(step.branch, (step.ops[at],)), [], error)

    def _invented(self, op: Op) -> list[int]:
        return [next(self._fakes) for _ in op.rows] if isinstance(op, Insert) else []

    def _numbers(self, branch: str, op: Op, outcome: Outcome) -> list[int]:
        if not isinstance(op, Insert) or op.returning is None or outcome.table is None:
            return []
        numbers = [int(n) for n in outcome.table.column(op.returning).to_pylist()]
        try:
            table = self.oracle.version(branch).table(op.table)
            column = table.column(op.returning)
        except Refused:
            return numbers
        if column.serial and table.counters == 1:
            before = self.drawn.setdefault(column.id, set())
            expect(not before & set(numbers) and len(set(numbers)) == len(numbers), f"drawn again: {numbers}")
            before.update(numbers)
        return numbers

    # Branches

    def _fork(self, step: steps.Fork) -> None:
        there = self.oracle.branches
        wanted = NotFoundError if step.parent not in there else AlreadyExistsError if step.name in there else None
        if step.parent not in there and step.name in there:
            wanted = ApiError  # either
        if not self._raises(wanted, lambda: self.engine.fork(self.database, step.name, step.parent, Limits())):
            self.oracle.fork(step.name, step.parent)
            self._agree(step.name)

    def _delete(self, step: steps.Delete) -> None:
        if step.name == "main":
            wanted: type[ApiError] | None = ForbiddenError
        elif step.name not in self.oracle.branches:
            wanted = NotFoundError
        else:
            wanted = HasChildrenError if self.oracle.children(step.name) else None
        if not self._raises(wanted, lambda: self.engine.delete_branch(self.database, step.name, Limits())):
            del self.oracle.branches[step.name]
        self.names_agree()

    def _raises(self, wanted: type[ApiError] | None, act: Any) -> bool:
        try:
            act()
        except ApiError as error:
            expect(wanted is not None and isinstance(error, wanted), f"wanted {wanted}, got {error!r}")
            self.counts["refused"] += 1
            return True
        expect(wanted is None, f"wanted {wanted}, and it was done")
        return False

    def _reopen(self, step: steps.Reopen) -> None:
        self.close()
        left = [str(p) for p in self.store.data_path.glob("*/*.wal")]
        self.counts["logs left behind"] += len(left)
        expect(not left, f"logs left behind after closing: {left}")
        self.store, self.engine = opened_at(self.folder)
        found = {p.relative_to(self.store.data_path).as_posix() for p in self.store.data_path.glob("*/*")}
        files = {name.removesuffix(".wal") for name in found}
        expect(files == self.store.branches.files(), f"files {files} but records {self.store.branches.files()}")
        self.all_agree()

    def _collect(self, step: steps.Collect) -> None:
        """What the background does half a second after the last change."""
        held = self.engine.database(self.database)
        collect(held)
        held.files.let_go()
        self.all_agree()

    def _rest(self, step: steps.Rest) -> None:
        time.sleep(1.3)
        self.counts["spare copies"] += len(self.engine.database(self.database).files.spares)
        self.all_agree()

    def possible(self, step: steps.Step) -> dict[str, list[Version | None]]:
        """What a step may make of branches; None: there is no such branch any more."""
        there = self.oracle.branches
        if isinstance(step, steps.Run) and step.branch in there:
            numbers = [self._invented(op) for op in step.ops]
            whole = step.transaction or len(step.ops) == 1
            found: list[Version | None] = []
            for last in [len(step.ops)] if whole else range(1, len(step.ops) + 1):
                with contextlib.suppress(Refused):
                    found.append(self.oracle.attempt(step.branch, step.ops[:last], numbers[:last])[0])
            return {step.branch: found}
        if isinstance(step, steps.Fork) and step.parent in there and step.name not in there:
            return {step.name: [self.oracle.version(step.parent)]}
        if isinstance(step, steps.Delete):
            return {step.name: [None]}
        if isinstance(step, steps.Merge) and {step.source, step.target} <= set(there) and step.source != step.target:
            resolved = dict(self._resolutions(step))
            answers = self.oracle.merge(step.source, step.target, step.strategy, resolved)
            moves = ["fast-forward", "up-to-date", "diverged"]
            return {step.target: [version for _, version in self._outcomes(step, answers, moves)]}
        return {}

    # Merges

    def _merge(self, step: steps.Merge) -> None:
        there = self.oracle.branches
        if step.source not in there or step.target not in there or step.source == step.target:
            wanted = ValidationError if step.source == step.target and step.source in there else NotFoundError
            if step.source == step.target and step.source not in there:
                wanted = ApiError  # type: ignore[assignment]
            self._raises(wanted, lambda: self._merged(step, ()))
            return
        resolutions = self._resolutions(step)
        answers = self.oracle.merge(step.source, step.target, step.strategy, dict(resolutions))
        try:
            merged = self._merged(step, [resolution(*one) for one in resolutions])
        except NotFastForwardError:
            expect(step.strategy == "fast-forward" and "diverged" in answers.moves, f"not {answers.moves}")
            self.counts["merge not-fast-forward"] += 1
            self._agree(step.target)
            return
        self.counts[f"merge {step.strategy}"] += 1
        self._judge(step, answers, merged)
        self.all_agree()

    def _resolutions(self, step: steps.Merge) -> list[tuple[Any, Any]]:
        """Some of the conflicts settled, by a side or by a value."""
        if not step.settle:
            return []
        random = Random(step.settle)
        answers = self.oracle.merge(step.source, step.target, step.strategy, {})
        if answers.moves != {"diverged"} or any(one.schema or one.open for one in answers.merged):
            return []
        if len(answers.merged) > 2 or len({tuple(one.rows) for one in answers.merged}) > 1:
            return []
        chosen: list[tuple[Any, Any]] = []
        for conflict in answers.row_conflicts:
            if conflict.kind == "cardinality" or random.random() < 0.1:
                continue
            if conflict.kind != "modify_modify":
                chosen.append(((conflict.table, conflict.key, None), random.choice(("source", "target"))))
                continue
            version = answers.merged[0].version.table(conflict.table)
            for column in sorted(conflict.columns):
                own = [None] if version.column(column).nullable else ["source"]
                take = random.choice(("source", "target", own if own == [None] else "source"))
                chosen.append(((conflict.table, conflict.key, column), take))
        return chosen

    def _merged(self, step: steps.Merge, resolutions: Any) -> Merged:
        order = MergeOrder(step.source, step.target, step.strategy, step.dry_run, resolutions)  # type: ignore[arg-type]
        return self.engine.merge(self.database, order, Limits())

    def _judge(self, step: steps.Merge, answers: MergeAnswers, merged: Merged) -> None:
        if merged.counts:
            expect(not merged.merged, "merged, and in conflict")
            expect("diverged" in answers.moves, f"conflicts of what moves {answers.moves}: {told_conflicts(merged)}")
            for kind, number in merged.counts.items():
                self.counts[f"conflict {kind}"] += number
            refusals = [unlike_conflicts(one, merged) for one in answers.merged]
            expect(None in refusals, f"conflicts {told_conflicts(merged)}, where {refusals}")
            self.counts["merges in conflict"] += 1
            self._agree(step.target)
            return
        expect(merged.merged is not step.dry_run or "up-to-date" in answers.moves, f"merged is {merged.merged}")
        moves = ["fast-forward", "up-to-date", "diverged"]
        if not merged.fast_forward:
            moves = ["up-to-date", "diverged"]
        missed: list[str] = []
        for move, version in self._outcomes(step, answers, moves):
            told = self._unchanged_counts(step, version, merged)
            unlike = told or (None if step.dry_run else self.unlike(step.target, version))
            if unlike is None:
                self._accept(step, answers, move, version)
                return
            missed.append(f"{move}: {unlike}")
        wanted = [(one.schema, one.rows, one.constraints) for one in answers.merged]
        raise Differs(f"merged (fast_forward {merged.fast_forward}) to nothing expected: {missed}; or {wanted}")

    def _outcomes(self, step: steps.Merge, answers: MergeAnswers, moves: list[str]) -> list[tuple[str, Version]]:
        found = []
        for move in moves:
            if move not in answers.moves:
                continue
            if move == "diverged":
                found += [(move, one.version) for one in answers.merged if not one.conflicts]
            else:
                found.append((move, self.oracle.version(step.source if move == "fast-forward" else step.target)))
        return found

    def _accept(self, step: steps.Merge, answers: MergeAnswers, move: str, version: Version) -> None:
        self.counts[f"merges {move}{' (dry)' if step.dry_run else ''}"] += 1
        if step.dry_run or move == "up-to-date":
            return
        source = self.oracle.branches[step.source].head
        if move == "fast-forward":
            self.oracle.branches[step.target].head = source
            return
        if answers.merged[0].open:
            self.counts["merges left open"] += 1
        self.oracle.commits = answers.commits
        self.oracle.write(step.target, version.copy(), merged=source)

    def _unchanged_counts(self, step: steps.Merge, version: Version, merged: Merged) -> str | None:
        """Whether the counts of changes are wrong, for tables whose structure stays."""
        if merged.changes is None:
            return None if merged.fast_forward and not step.dry_run else "no changes were counted"
        told = {c.table: c for c in merged.changes}
        return unlike_counts(told, self.oracle.version(step.target), version)

    # Diffs and comparisons

    def _diff(self, step: steps.Diff) -> None:
        if not {step.branch, step.against} <= set(self.oracle.branches):
            return
        told = self.engine.diff(self.database, step.branch, step.against, Page(limit=1000), Limits())
        wanted = self.oracle.diff(step.branch, step.against)
        changes = {t.change.table: t for t in told}
        for name, difference in wanted.items():
            if not difference.exact:
                continue
            expect(name in changes, f"diff has no {name}: {difference}")
            change = changes[name].change
            numbers = (change.inserted, change.updated, change.deleted)
            expect(numbers == (difference.inserted, difference.updated, difference.deleted),
                   f"diff of {name} counts {numbers}, not {difference}")  # fmt: skip
            expect(page_rows(changes[name].page) == difference.rows, f"diff of {name} is not {difference}")
        for name, one in changes.items():
            if name not in wanted:
                expect(not one.change.rows, f"diff tells of {name}: {one.change}")

    def execute(self, branch: str, sql: str) -> Outcome:
        return self.engine.execute(self.database, branch, Statement(sql), Limits())

    def rows(self, branch: str, name: str) -> list[dict[str, Any]]:
        table = self.execute(branch, f"SELECT * FROM {name}").table
        assert table is not None
        return list(table.to_pylist())

    def all_agree(self) -> None:
        self.names_agree()
        for branch in self.oracle.branches:
            self._agree(branch)

    def names_agree(self) -> None:
        states = self.engine.branches(self.database)
        told = {b.name: (b.parent, b.tables) for b in states}
        wanted = {b.name: (b.parent, len(self.oracle.version(b.name).tables)) for b in self.oracle.branches.values()}
        expect(told == wanted, f"branches (parent, tables) are {told}, not {wanted}")

    def _agree(self, branch: str) -> None:
        unlike = self.unlike(branch, self.oracle.version(branch))
        expect(unlike is None, f"{branch}: {unlike}")

    def unlike(self, branch: str, version: Version) -> str | None:
        """What differs between the engine's branch and a version of the oracle's."""
        schema = self.engine.describe(self.database, branch)
        return unlike_structure(schema, version) or unlike_rows(lambda name: self.rows(branch, name), version)
