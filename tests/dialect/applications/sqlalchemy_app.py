"""SQLAlchemy 2: metadata, the ORM's statements, and what `inspect()` asks the catalogues."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from psycopg import ClientCursor
from sqlalchemy import event, func, orm, select
from sqlalchemy.dialects import postgresql as pg

from tests.dialect.applications.recorder import Recorder

Base: Any = orm.declarative_base()
_membership = sa.Table(
    "membership", Base.metadata,
    sa.Column("person_id", sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("team_id", sa.ForeignKey("team.id"), primary_key=True),
)  # fmt: skip


class Person(Base):
    """Someone, with a manager who is someone too."""

    __tablename__ = "person"
    __table_args__ = (sa.Index("person_by_name", "name", "born"), sa.CheckConstraint("length(name) > 0", name="named"))
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(50), nullable=False)
    email = sa.Column(sa.String, unique=True)
    born = sa.Column(sa.Date)
    salary = sa.Column(sa.Numeric(10, 2), server_default="0")
    active = sa.Column(sa.Boolean, nullable=False, server_default=sa.true())
    made = sa.Column(sa.DateTime(timezone=True), server_default=func.now())
    settings = sa.Column(pg.JSONB, server_default="{}")
    tags = sa.Column(pg.ARRAY(sa.Text))
    key = sa.Column(pg.UUID(as_uuid=True), server_default=func.gen_random_uuid())
    mood = sa.Column(sa.Enum("sad", "ok", "happy", name="mood"))
    manager_id = sa.Column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    manager = orm.relationship("Person", remote_side="Person.id", backref="reports")
    teams = orm.relationship("Team", secondary=_membership, back_populates="people")


class Team(Base):
    """Persons together."""

    __tablename__ = "team"
    __table_args__ = (sa.UniqueConstraint("title", "floor", name="one_team_a_floor"),)
    id = sa.Column(sa.BigInteger, sa.Identity(always=False), primary_key=True)
    title = sa.Column(sa.Text, comment="what it is called")
    floor = sa.Column(sa.SmallInteger, server_default="1")
    budget = sa.Column(sa.Float)
    people = orm.relationship("Person", secondary=_membership, back_populates="teams")


def run(uri: str) -> list[Recorder]:
    """Make the tables, fill and query them, inspect them, drop them."""
    recorder = Recorder("SQLAlchemy's ORM")
    engine = sa.create_engine(uri.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    event.listen(engine, "after_cursor_execute", _comparing(recorder))
    event.listen(engine, "handle_error", _refusals(recorder))
    Base.metadata.create_all(engine)
    with orm.Session(engine) as session:
        _fill(session)
        for statement in _queries():
            session.execute(statement).all()
        _write(session)
    seen = Recorder("SQLAlchemy's inspect()", session=recorder.session)
    event.listen(engine, "after_cursor_execute", _comparing(seen))
    event.remove(engine, "after_cursor_execute", _LISTENERS[id(recorder)])
    _inspect(engine)
    Base.metadata.drop_all(engine)
    engine.dispose()
    return [recorder, seen]


_LISTENERS: dict[int, Any] = {}


def _comparing(recorder: Recorder) -> Any:
    def compare(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        texts = _texts(cursor, statement, parameters)
        if cursor.description is None or many:
            for text in texts:
                recorder.compare(text, None, None, (), told=False)
            return
        rows = cursor.fetchall()
        if rows:
            cursor.scroll(0, mode="absolute")
        recorder.compare(texts[0], None, [column.name for column in cursor.description], rows)

    _LISTENERS[id(recorder)] = compare
    return compare


def _refusals(recorder: Recorder) -> Any:
    def failed(context: Any) -> None:
        state = getattr(context.original_exception, "sqlstate", None)
        running = context.execution_context
        if running is not None and state is not None:
            text = _texts(running.cursor, context.statement, context.parameters)[0]
            recorder.compare(text, None, None, (), state)

    return failed


def _texts(cursor: Any, statement: str, parameters: Any) -> list[str]:
    """The statement with its parameters written in, as psycopg's client-side cursor does it."""
    binding = ClientCursor(cursor.connection)
    many = parameters if isinstance(parameters, list) else [parameters]
    return [binding.mogrify(statement, each) if each else statement for each in many or [None]]


_MADE = datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.UTC)


def _fill(session: Any) -> None:
    day = datetime.date(1990, 1, 1)
    boss = Person(
        name="Boss",
        email="boss@example.com",
        born=day,
        salary=Decimal("9.5"),
        tags=["a", "b"],
        mood="ok",
        made=_MADE,
        key=uuid.UUID(int=99),
    )
    teams = [Team(title=f"Team {n}", floor=n, budget=n / 4) for n in range(3)]
    people = [
        Person(name=f"Person {n}", email=f"p{n}@example.com", born=day + datetime.timedelta(days=40 * n), manager=boss,
               salary=Decimal(n) * 100, settings={"n": n, "of": [n, {"x": None}]}, teams=teams[: n % 3],
               mood=("sad", "happy")[n % 2], made=_MADE, key=uuid.UUID(int=n), tags=["c"] if n % 2 else None)
        for n in range(6)
    ]  # fmt: skip
    session.add_all([boss, *teams, *people])
    session.commit()


def _queries() -> list[Any]:
    boss = orm.aliased(Person, name="boss")
    counted = select(_membership.c.team_id, func.count().label("n")).group_by(_membership.c.team_id).subquery()
    tree = select(Person.id, Person.manager_id, sa.literal(0).label("depth")).where(Person.manager_id.is_(None)).cte(
        "tree", recursive=True)  # fmt: skip
    tree = tree.union_all(
        select(Person.id, Person.manager_id, tree.c.depth + 1).join(tree, Person.manager_id == tree.c.id)
    )
    latest = select(Person.name).where(Person.manager_id == boss.id).order_by(Person.born.desc()).limit(1).lateral("l")
    columns = (
        Person.id,
        Person.name,
        Person.email,
        Person.born,
        Person.salary,
        Person.settings,
        Person.tags,
        Person.mood,
    )
    window = sa.over(func.rank(), partition_by=Person.mood, order_by=Person.salary.desc())
    return [
        select(*columns).order_by(Person.id),
        select(*columns).where(Person.name.like("Person%"), Person.salary.between(100, 400)).order_by(Person.id.desc()),
        select(Person.name, boss.name.label("boss")).join(boss, Person.manager).order_by(Person.name),
        select(Person.name).where(Person.teams.any(Team.floor > 0)).order_by(Person.name),
        select(Person.name).where(~Person.reports.any()).order_by(Person.name),
        select(Person.name).where(Person.manager.has(Person.name.ilike("b%"))).order_by(Person.id).offset(1).limit(3),
        select(Team.title, sa.func.coalesce(counted.c.n, 0)).outerjoin(counted).order_by(Team.id),
        select(Person.mood, func.count(), func.avg(Person.salary), func.max(Person.born)).group_by(Person.mood).having(
            func.count() > 1).order_by(Person.mood),
        select(Person.id, window.label("r"), func.sum(Person.salary).over(order_by=Person.id)).order_by(Person.id),
        select(tree.c.id, tree.c.depth).order_by(tree.c.depth, tree.c.id),
        select(boss.name, latest.c.name.label("latest")).join(latest, sa.true()).order_by(boss.name),
        select(Person.settings["n"].astext.label("n"), Person.settings[("of", "0")].label("x")).order_by(Person.id),
        select(Person.id).where(Person.settings.contains({"n": 2})),
        select(Person.id).where(Person.settings.has_key("n")).order_by(Person.id),
        select(Person.id).where(Person.tags.contains(["a"])),
        select(Person.id).where(Person.tags.any("c")).order_by(Person.id),
        select(func.array_agg(Person.id).filter(Person.active).label("ids")).where(Person.id < 0),
        select(func.array_agg(pg.aggregate_order_by(Person.name, Person.id.desc())).label("names")),
        select(func.string_agg(Person.name, ", ").label("names")).where(Person.id == 1),
        select(
            sa.case((Person.salary > 300, "high"), (Person.salary > 0, "low"), else_="none").label("band"),
            func.count(),
        )
        .group_by(sa.text("1")).order_by(sa.text("1")),
        select(sa.extract("year", Person.born).label("y"), func.date_trunc("month", Person.born).label("m")).order_by(
            Person.id),
        select(sa.cast(Person.salary, sa.Integer).label("i"), sa.cast(Person.id, sa.String).label("s")).order_by(
            Person.id),
        select(Person.name).distinct(Person.mood).order_by(Person.mood, Person.id),
        select(Person.id).where(sa.tuple_(Person.id, Person.mood).in_([(2, "sad"), (3, "happy")])).order_by(
            Person.id),
        select(sa.union_all(select(Person.id), select(Team.id)).subquery().c.id).order_by(sa.text("1")),
        select(sa.func.greatest(Person.salary, 250).label("g"), (Person.salary / 3 > 50).label("h")).order_by(
            Person.id),
        select(func.generate_series(1, 3).label("n")),
        select(sa.func.jsonb_build_object("a", 1, "b", sa.null()).label("o")),
        select(Person.id).with_for_update(skip_locked=True).order_by(Person.id),
    ]  # fmt: skip


def _write(session: Any) -> None:
    upsert = pg.insert(Team).values(
        [{"title": "Team 0", "floor": 0, "budget": 7.5}, {"title": "New", "floor": 9, "budget": 1.5}]
    )
    upsert = upsert.on_conflict_do_update(constraint="one_team_a_floor", set_={"budget": upsert.excluded.budget})
    session.execute(upsert.returning(Team.title, Team.budget)).all()
    ignored = (
        pg.insert(Person).values(name="Again", email="p1@example.com").on_conflict_do_nothing(index_elements=["email"])
    )
    session.execute(ignored)
    raised = (
        sa.update(Person).where(Person.mood == "sad").values(salary=Person.salary * Decimal("1.1"), settings={"up": 1})
    )
    session.execute(raised.returning(Person.id, Person.salary), execution_options={"synchronize_session": False}).all()
    moved = sa.update(Person).where(
        Person.manager_id == select(Person.id).where(Person.name == "Boss").scalar_subquery()
    )
    session.execute(moved.values(active=False), execution_options={"synchronize_session": False})
    session.execute(sa.delete(_membership).where(_membership.c.team_id == Team.id, Team.title == "Team 1"))
    person = session.scalars(select(Person).where(Person.name == "Person 2")).one()
    person.tags, person.settings = ["x", "y"], None
    session.flush()
    session.delete(person)
    session.commit()


def _inspect(engine: Any) -> None:
    seen = sa.inspect(engine)
    seen.get_schema_names()
    seen.get_view_names()
    seen.get_sequence_names()
    seen.get_enums()
    sa.MetaData().reflect(engine)
    for table in seen.get_table_names():
        seen.has_table(table)
        seen.get_columns(table)
        seen.get_pk_constraint(table)
        seen.get_foreign_keys(table)
        seen.get_indexes(table)
        seen.get_unique_constraints(table)
        seen.get_check_constraints(table)
        seen.get_table_comment(table)
