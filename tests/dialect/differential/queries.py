"""SELECTs: clauses, joins, sets, windows and groups over the shared schema."""

from __future__ import annotations

from collections.abc import Callable

from tests.dialect.differential.grammar import Maker, Scenario, Writer

QUERIES: list[tuple[str, Maker]] = []


def query(construct: str, *, ordered: bool = False, aggregates: bool = False) -> Callable[..., Callable[[Writer], str]]:
    """Register a function that writes one SELECT of the construct."""

    def register(write: Callable[[Writer], str]) -> Callable[[Writer], str]:
        def make(writer: Writer) -> Scenario:
            text = write(writer)
            return Scenario((writer.drawn(text, construct, ordered=ordered, aggregates=aggregates),))

        QUERIES.append((construct, make))
        return write

    return register


def aggregate(w: Writer) -> str:
    """An aggregate whose value does not depend on the order of the rows."""
    call = w.one(
        "count(*)", "count(«int»)", "sum(«int»)", "sum(n)", "avg(«int»)", "avg(n)", "min(«int»)", "max(«text»)",
        "min(«date»)",
        "max(«ts»)", "count(DISTINCT «int»)", "bool_and(«bool»)", "bool_or(«bool»)", "every(«bool»)", "sum(f8)",
        "avg(f8)",
        "stddev(n)", "variance(i4)", "stddev_pop(n)", "var_pop(n)", "sum(i8)", "avg(i8)", "corr(f8, i4::float8)",
        "bit_or(i4)",
        "regr_slope(f8, i4::float8)", "sum(DISTINCT i4)", "min(n)", "max(iv)", "sum(iv)", "bit_and(i4)",
        "covar_pop(f8, i4)",
        "min(v)", "max(c)", "count(DISTINCT s)", "sum(f4)", "max(tz)", "min(tm)", "avg(iv)", "avg(f4)",
        "stddev_samp(i4)", "any_value(1)",
    )  # fmt: skip
    return w.fill(call) + w.maybe(w.fill(" FILTER (WHERE «bool»)"), 0.2)


def groups(w: Writer) -> str:
    return w.one("b", "m", "i4 % 3", "i2 > 0", "date_trunc('month', d)", "s", "v", "extract(quarter FROM d)", "id / 8")


@query("aggregates", aggregates=True)
def grouped(w: Writer) -> str:
    having = w.maybe(w.one(" HAVING count(*) > 1", " HAVING max(i4) > 2", " HAVING bool_or(b)"), 0.3)
    return f"SELECT {groups(w)} AS g, {aggregate(w)}, {aggregate(w)} FROM t GROUP BY 1{having} ORDER BY 1"


@query("aggregates", aggregates=True)
def whole(w: Writer) -> str:
    return f"SELECT {', '.join(aggregate(w) for _ in range(3))} FROM t WHERE {w.expression('bool')}"


@query("aggregates", ordered=True, aggregates=True)
def grouped_by_key(w: Writer) -> str:
    return "SELECT t.id, t.s, count(u.id), sum(u.p) FROM t LEFT JOIN u ON u.t_id = t.id GROUP BY t.id ORDER BY t.id"


@query("ordered aggregates", aggregates=True)
def ordered_aggregate(w: Writer) -> str:
    calls = w.one(
        "string_agg(s, ',' ORDER BY id)", "array_agg(i4 ORDER BY id«order»)", "jsonb_agg(n ORDER BY id DESC)",
        "string_agg(DISTINCT v, '|' ORDER BY v)",
        "array_agg(DISTINCT i4 ORDER BY i4«order»)", "json_agg(s ORDER BY id)",
        "jsonb_object_agg(id, i4 ORDER BY id)", "array_agg(s ORDER BY i4«order», id)",
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY f8)", "percentile_disc(0.25) WITHIN GROUP (ORDER BY i4)",
        "mode() WITHIN GROUP (ORDER BY b)",
        "string_agg(s, '' ORDER BY id) FILTER (WHERE b)", "array_agg(id ORDER BY s«order», id)",
        "percentile_cont(0.9) WITHIN GROUP (ORDER BY i4)",
        "string_agg(i4::text, ',' ORDER BY i4«order», id)", "json_object_agg(id, s ORDER BY id)",
        "array_agg(d ORDER BY d, id)", "jsonb_agg(t.ta ORDER BY id)",
    )  # fmt: skip
    return w.fill(f"SELECT {w.one('b', 'm')} AS g, {calls} FROM t GROUP BY 1 ORDER BY 1")


@query("grouping sets", aggregates=True)
def grouping_sets(w: Writer) -> str:
    by = w.one("ROLLUP (b, m)", "CUBE (b, m)", "GROUPING SETS ((b), (m), ())", "GROUPING SETS ((b, m), (b))",
        "b, ROLLUP (m)",
               "ROLLUP (m), b", "GROUPING SETS (ROLLUP (b), m)", "GROUPING SETS ((b, m), ())")  # fmt: skip
    marks = w.maybe(", " + w.one("grouping(b)", "grouping(m)", "grouping(b, m)"))
    return f"SELECT b, m, {aggregate(w)}{marks} FROM t GROUP BY {by} ORDER BY b, m"


@query("window functions", ordered=True, aggregates=True)
def window(w: Writer) -> str:
    call = w.one(
        "row_number()", "rank()", "dense_rank()", "percent_rank()", "cume_dist()", "ntile(3)", "lag(i4)",
        "lead(s, 2)", "lag(i4, 1, 0)",
        "first_value(s)", "last_value(i4)", "nth_value(i4, 2)", "sum(i4)", "avg(n)", "count(*)", "max(d)",
        "count(i4) FILTER (WHERE b)", "min(s)",
        "sum(i4) FILTER (WHERE i2 > 0)", "array_agg(id)", "string_agg(v, ',')", "bool_or(b)",
    )  # fmt: skip
    over = (
        f"PARTITION BY {w.one('b', 'm', 'i4 % 2')} ORDER BY {w.one('id', 'i4, id', 's DESC, id', 'n NULLS FIRST, id')}"
    )
    if w.random.random() < 0.3:
        return f"SELECT id, {call} OVER w, count(*) OVER w FROM t WINDOW w AS ({over}) ORDER BY id"
    return f"SELECT id, {call} OVER ({over}) FROM t ORDER BY id"


@query("window frames", ordered=True, aggregates=True)
def frames(w: Writer) -> str:
    call = w.one(
        "sum(i4)",
        "count(*)",
        "first_value(id)",
        "last_value(id)",
        "avg(n)",
        "max(s)",
        "array_agg(id)",
        "nth_value(id, 2)",
    )
    frame, order = w.one(
        ("ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING", "id"), ("ROWS UNBOUNDED PRECEDING", "id"),
        ("ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "id"),
        ("RANGE BETWEEN 3 PRECEDING AND 3 FOLLOWING", "id"), ("RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
        "id"), ("ROWS 1 PRECEDING", "s, id"),
        ("RANGE BETWEEN INTERVAL '30 days' PRECEDING AND CURRENT ROW", "d"),
        ("ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING", "id DESC"),
        ("ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING EXCLUDE TIES", "id"),
        ("ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW", "id"),
        ("GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING", "id"),
        ("RANGE BETWEEN INTERVAL '1 month' PRECEDING AND INTERVAL '1 month' FOLLOWING", "ts"),
    )  # fmt: skip
    if order in ("d", "ts"):
        call = w.one("count(*)", "sum(i4)", "max(i4)", "min(n)")
    partition = w.maybe("PARTITION BY b ", 0.4)
    return f"SELECT id, {call} OVER ({partition}ORDER BY {order} {frame}) AS x FROM t ORDER BY id"


@query("NULL order", ordered=True)
def null_order(w: Writer) -> str:
    keys = ", ".join(
        w.fill(f"{w.one('i4', 's', 'n', 'd', 'b', 'm', 'f8', 'v', 'ts')}«order»") for _ in range(w.number(1, 2))
    )
    return f"SELECT id, i4, s FROM t ORDER BY {keys}, id{w.maybe(' LIMIT 7')}{w.maybe(' OFFSET 2', 0.3)}"


@query("NULL order")
def distinct(w: Writer) -> str:
    kind = w.one("int", "text", "date", "num", "bool", "ints")
    return w.fill(f"SELECT DISTINCT «{kind}» AS x FROM t ORDER BY 1«order»") + w.maybe(" LIMIT 5")


@query("limits", ordered=True)
def limits(w: Writer) -> str:
    end = w.one("LIMIT 3", "LIMIT 3 OFFSET 2", "OFFSET 20", "FETCH FIRST 4 ROWS ONLY",
        "OFFSET 1 ROWS FETCH NEXT ROW ONLY", "LIMIT ALL", "LIMIT 0",
                "LIMIT 2 + 1", "LIMIT (SELECT 2)", "LIMIT NULL")  # fmt: skip
    return f"SELECT id, {w.any()} FROM t ORDER BY id {end}"


@query("unnamed column names")
def unnamed(w: Writer) -> str:
    items = [
        w.one(
            "count(*)", "max(i4)", "1", "'x'", "1 + 1", "NULL", "true", "now() IS NULL", "coalesce(max(i4), 0)",
            "CASE WHEN true THEN 1 END", "ARRAY[1, 2]",
            "max(id)::text", "cast(1 AS numeric(5,2))", "(SELECT max(i4) FROM t)", "EXISTS (SELECT 1)", "upper('a')",
            "extract(year FROM date '2024-01-01')",
            "'5'::int", "interval '1 day'", "date '2024-01-01'", "greatest(1, 2)", "nullif(1, 2)",
            "position('a' IN 'ba')", "trim(' x ')", "(ARRAY[1, 2])[1]",
            "substring('abc' FROM 1 FOR 2)", "current_date IS NULL", "'a' || 'b'", "-1", "NOT true", "1 IN (1, 2)",
            "'{}'::jsonb -> 'a'", "array_agg(id) IS NULL",
            "'a' LIKE 'b'", "CASE WHEN true THEN max(s) ELSE max(v) END", "sum(n) FILTER (WHERE b)", "'1'::int + 1",
            "1.5::float8", "'2024-01-01'::timestamp",
            "overlay('abc' PLACING 'x' FROM 1)", "count(*) OVER ()", "ARRAY(SELECT 1)", "(SELECT 1 AS inner_name)",
            "date_part('year', date '2024-01-01')",
        )
        for _ in range(3)
    ]  # fmt: skip
    return f"SELECT {', '.join(items)} FROM t"


@query("identifier case", ordered=True)
def identifiers(w: Writer) -> str:
    return w.one(
        'SELECT ID, I4 AS Total FROM T ORDER BY Id', 'SELECT "id" AS "Id", s AS "S s" FROM t ORDER BY "Id"',
        'SELECT u."Mixed Case" FROM u ORDER BY U.ID',
        'SELECT "Mixed Case" AS mixed, "Mixed Case" + 1 FROM u ORDER BY id', 'SELECT "ID" FROM t',
        "SELECT Mixed FROM u", 'SELECT x."A" FROM (SELECT 1 AS "A") x',
        'SELECT A.ID FROM t AS A ORDER BY a.id', 'SELECT "A".id FROM t AS a',
        'SELECT a.id AS "from", a.s "where" FROM t a ORDER BY "from"',
        'WITH "C" AS (SELECT 1 AS x) SELECT x FROM "C"', "WITH C AS (SELECT 1 AS X) SELECT c.x FROM c",
        'SELECT * FROM "T"', "SELECT * FROM Public.U ORDER BY ID",
        'SELECT t.id AS é FROM t ORDER BY é', "SELECT 1 AS a, 2 AS A",
        'SELECT "Mixed Case", count(*) FROM u GROUP BY "Mixed Case" ORDER BY "Mixed Case"',
        'SELECT y.* FROM (SELECT "Mixed Case" FROM u) y ORDER BY 1', 'SELECT "u"."id" FROM "public"."u" ORDER BY 1',
        "SELECT u.mixed_case FROM u",
    )  # fmt: skip


@query("DISTINCT ON", ordered=True)
def distinct_on(w: Writer) -> str:
    key = w.one("b", "m", "i4", "s", "b, m", "i4 % 3")
    order = w.fill(f"{key}«order»" if "," not in key else key)
    return f"SELECT DISTINCT ON ({key}) id, {w.one('i4', 's', 'b')} FROM t ORDER BY {order}, id{w.maybe(' DESC')}"


@query("LATERAL", ordered=True)
def lateral(w: Writer) -> str:
    inner = w.one(
        "SELECT k, p FROM u WHERE u.t_id = t.id ORDER BY u.id LIMIT 2",
        "SELECT count(*) AS k, max(p) AS p FROM u WHERE u.t_id = t.id", "SELECT t.i4 + 1 AS k, t.n AS p",
        "SELECT x AS k, x * 2 AS p FROM unnest(t.ia) AS x",
        "SELECT g AS k, t.id AS p FROM generate_series(1, t.id % 3) AS g",
    )  # fmt: skip
    join = w.one(
        ", LATERAL ({}) l",
        " CROSS JOIN LATERAL ({}) AS l",
        " LEFT JOIN LATERAL ({}) l ON true",
        " JOIN LATERAL ({}) l ON l.k > 1",
    ).format(inner)
    return f"SELECT t.id, l.k, l.p FROM t{join} ORDER BY t.id, l.k, l.p"


@query("joins")
def joins(w: Writer) -> str:
    kind = w.one("JOIN", "LEFT JOIN", "FULL JOIN", "RIGHT JOIN", "INNER JOIN", "LEFT OUTER JOIN")
    on = w.one("u.t_id = t.id", "u.t_id = t.id AND u.p > 3", "u.k = t.i4", "u.id = t.id")
    text = w.one(
        f"SELECT t.id, u.id, p, w FROM t {kind} u ON {on}",
        f"SELECT t.id, a.k, b.w FROM t {kind} u a ON a.t_id = t.id LEFT JOIN u b ON b.id = a.id",
        f"SELECT * FROM (SELECT id, s FROM t) x {kind} (SELECT id, w FROM u) y USING (id)",
        "SELECT id, k FROM (SELECT id, s FROM t) x NATURAL JOIN u",
        "SELECT count(*) FROM t CROSS JOIN u", f"SELECT t.id, u.w FROM t, u WHERE {on}",
        f"SELECT id FROM t {kind} (SELECT id, k FROM u) z USING (id)",
        "SELECT a.id, b.id FROM t a JOIN t b ON a.i4 = b.i4 AND a.id < b.id",
        f"SELECT x.id, x.*, y.k FROM (SELECT id, b FROM t) x {kind} u y ON y.id = x.id",
    )  # fmt: skip
    return text + w.maybe(
        w.fill(" WHERE t.n IS NULL OR t.i4 > 0")
        if "FROM t " in text and " a" not in text and "NATURAL" not in text
        else "",
        0.2,
    )


@query("set operations")
def sets(w: Writer) -> str:
    kind = w.one("int", "text", "num", "date", "bool")
    operator = w.one("UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL")
    text = w.fill(f"SELECT «{kind}» AS x FROM t {operator} SELECT «{kind}» FROM t WHERE id > 5")
    third = w.maybe(w.fill(f" UNION SELECT «{kind}» FROM t"), 0.3)
    return text + third + w.maybe(w.fill(" ORDER BY 1«order»"))


@query("set operations")
def mixed_sets(w: Writer) -> str:
    return w.one(
        "SELECT 1 UNION SELECT 2.5", "SELECT i4 FROM t UNION ALL SELECT n FROM t", "SELECT NULL UNION ALL SELECT 1",
        "(SELECT id FROM t ORDER BY id LIMIT 2) UNION ALL SELECT 99",
        "SELECT 'a' UNION SELECT s FROM t", "SELECT i2 FROM t EXCEPT SELECT i4 FROM t",
        "SELECT id, s FROM t INTERSECT SELECT id, v FROM t", "SELECT 1 AS x UNION SELECT id FROM u ORDER BY x",
        "SELECT d FROM t UNION SELECT ts FROM t", "SELECT v FROM t UNION SELECT s FROM t",
        "SELECT id FROM t UNION SELECT id, s FROM t", "SELECT id FROM t UNION SELECT s FROM t",
    )  # fmt: skip


@query("subqueries", ordered=True)
def subqueries(w: Writer) -> str:
    where = w.one(
        "EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id AND p > 0)", "id IN (SELECT t_id FROM u)",
        "id NOT IN (SELECT t_id FROM u WHERE t_id IS NOT NULL)",
        "i4 > (SELECT avg(i4) FROM t)", "NOT EXISTS (SELECT FROM u WHERE u.t_id = t.id)",
        "i4 = ANY (SELECT k FROM u)", "i4 > ALL (SELECT k FROM u WHERE k < 3)",
        "(id, i4) IN (SELECT t_id, k FROM u)", "id = (SELECT min(t_id) FROM u)",
        "i4 IN (SELECT k FROM u WHERE u.id > t.id)", "id NOT IN (SELECT t_id FROM u)",
    )  # fmt: skip
    column = w.one("(SELECT max(p) FROM u WHERE u.t_id = t.id)", "(SELECT count(*) FROM u WHERE u.k > t.i4)",
        "ARRAY(SELECT w FROM u WHERE t_id = t.id ORDER BY u.id)",
                   "(SELECT w FROM u WHERE u.id = t.id)", "i4 IN (SELECT k FROM u)",
                   "(SELECT string_agg(w, ',' ORDER BY id) FROM u WHERE t_id = t.id)")  # fmt: skip
    return f"SELECT id, {column} FROM t WHERE {where} ORDER BY id"


@query("subqueries")
def derived(w: Writer) -> str:
    inner = f"SELECT {w.expression('int')} AS a, {w.expression('text')} AS z FROM t"
    return f"SELECT x.a, count(*) FROM ({inner}) AS x WHERE x.z IS NOT NULL GROUP BY x.a"


@query("CTEs", aggregates=True)
def ctes(w: Writer) -> str:
    hint = w.maybe(w.one("MATERIALIZED ", "NOT MATERIALIZED "), 0.3)
    inner = f"SELECT id, {w.expression('int')} AS x, {w.expression('text')} AS y FROM t"
    return w.one(
        f"WITH c AS {hint}({inner}) SELECT y, sum(x), count(*) FROM c GROUP BY y ORDER BY y",
        f"WITH c (k, l, o) AS ({inner}) SELECT k, l FROM c WHERE o IS NOT NULL",
        f"WITH c AS ({inner}), d AS (SELECT max(x) AS m FROM c) SELECT id FROM c, d WHERE c.x = d.m",
        f"SELECT * FROM (WITH c AS ({inner}) SELECT id, x FROM c) z",
    )  # fmt: skip


@query("recursive CTEs")
def recursive(w: Writer) -> str:
    name, body, outer = w.one(
        ("r(n)", "SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 8", "SELECT n, n * n FROM r"),
        ("r", "SELECT 1 AS n, 'a' AS p UNION ALL SELECT n + 1, p || 'b' FROM r WHERE n < 4", "SELECT * FROM r"),
        ("r(a, b)", "SELECT 0, 1 UNION ALL SELECT b, a + b FROM r WHERE b < 50", "SELECT a FROM r"),
        (
            "r",
            "SELECT id, k, ARRAY[id] AS path FROM u WHERE k = 1 UNION ALL "  # noqa: ISC004 - one text
            "SELECT u.id, u.k, r.path || u.id FROM u JOIN r ON u.k = r.k + 1 WHERE cardinality(r.path) < 3",
            "SELECT id, path FROM r",
        ),
        ("r(n)", "SELECT 1 UNION SELECT (n * 2) % 7 FROM r", "SELECT count(*), sum(n) FROM r"),
        (
            "r",
            "SELECT date '2024-01-30' AS x UNION ALL SELECT (x + interval '1 day')::date FROM r WHERE x < '2024-02-02'",
            "SELECT x FROM r",
        ),
        ("r(n)", f"VALUES ({w.number(1, 3)}) UNION ALL SELECT n + {w.number(1, 3)} FROM r WHERE n < 20", "TABLE r"),
    )
    return f"WITH RECURSIVE {name} AS ({body}) {outer}"


@query("set-returning functions")
def series(w: Writer) -> str:
    return w.one(
        "SELECT g FROM generate_series(1, 5) AS g", "SELECT generate_series(1, 3) AS n",
        "SELECT x, n FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS z(x, n)",
        "SELECT id, unnest(ia) FROM t",
        "SELECT g::date FROM generate_series(date '2024-01-30', date '2024-02-02', interval '1 day') g",
        "SELECT * FROM generate_series(5, 1, -2)",
        "SELECT t.id, x FROM t, unnest(ta) AS x", "SELECT key, value FROM jsonb_each('{\"a\": 1, \"b\": \"x\"}')",
        "SELECT * FROM jsonb_array_elements('[1, {\"a\": 2}]')",
        "SELECT e.value FROM t, jsonb_array_elements(CASE jsonb_typeof(j) WHEN 'array' THEN j ELSE '[]' END) AS e",
        "SELECT jsonb_object_keys('{\"b\": 1, \"a\": 2}')",
        "SELECT * FROM regexp_split_to_table('a b c', ' ') AS w", "SELECT regexp_matches('abcabd', 'ab(.)', 'g')",
        "SELECT * FROM string_to_table('a,b', ',')", "SELECT * FROM unnest(ARRAY[1, 2], ARRAY['x'])",
        "SELECT * FROM jsonb_to_recordset('[{\"a\": 1, \"b\": \"x\"}]') AS x(a int, b text)",
        "SELECT * FROM jsonb_each_text('{\"a\": 1, \"b\": null}')", "SELECT generate_subscripts(ARRAY[5, 6], 1)",
        "SELECT * FROM jsonb_array_elements_text('[\"x\", null, 3]') WITH ORDINALITY AS e(v, n)",
        "SELECT g, g % 2 = 0 FROM generate_series(1, 4) g",
        "SELECT count(*) FROM generate_series(1, 100) s(i) WHERE i % 7 = 0",
        "SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) AS z(a, b)",
        "SELECT id, generate_series(1, 2) FROM t", "SELECT * FROM generate_series(1.0, 2.0, 0.5)",
        "SELECT g FROM generate_series(timestamp '2024-01-01', '2024-01-02', '6 hours') g",
        "SELECT jsonb_array_elements(j) FROM t WHERE jsonb_typeof(j) = 'array'",
    )  # fmt: skip


@query("VALUES")
def values(w: Writer) -> str:
    return w.one(
        "VALUES (1, 'a'), (2, 'b')", "SELECT * FROM (VALUES (1, 'x'), (2, NULL)) AS v(a, b)",
        "SELECT a + 1 FROM (VALUES (1), (2.5)) v(a)", "VALUES (1), (2) ORDER BY 1 DESC",
        "SELECT column1, column2 FROM (VALUES (1, 'a')) q",
        "SELECT t.id FROM t JOIN (VALUES (1, 'x'), (3, 'y')) v(id, n) ON v.id = t.id",
        "SELECT id FROM t WHERE (id, b) IN (VALUES (1, true), (2, false))",
        "SELECT max(x) FROM (VALUES ('a'), ('b')) v(x)", "SELECT * FROM (VALUES (date '2024-01-01'), (NULL)) v(d)",
        "TABLE u",
    )  # fmt: skip


@query("errors")
def errors(w: Writer) -> str:
    return w.one(
        "SELECT missing FROM t", "SELECT * FROM missing", "SELECT missing(1)", "SELECT 1 / 0", "SELECT 'x'::int",
        "SELECT 2147483647 + 1", "SELECT s + 1 FROM t", "SELECT id, count(*) FROM t", "SELEC 1",
        "SELECT * FROM t WHERE", "SELECT 'abc'::date", "SELECT i4 FROM t WHERE s = 5",
        "SELECT id FROM t ORDER BY nope", "SELECT t.nope FROM t", "SELECT id FROM t, u", "SELECT (1", "SELECT 'a",
        "SELECT 1 FROM t GROUP BY nope",
        "SELECT sum(s) FROM t", "SELECT upper(1, 2)", "SELECT 'nope'::mood", "SELECT sqrt(-1)",
        "SELECT 32768::smallint", "SELECT '2024-13-01'::date", "SELECT 12345.678::numeric(5,2)", "SELECT x.id FROM t",
        "SELECT sum(sum(i4)) FROM t",
        "SELECT id FROM t WHERE count(*) > 1", "SELECT 1 UNION SELECT 'a'", "SELECT ARRAY[1, 'a']",
        "SELECT 1 WHERE 1", "SELECT * FROM t LIMIT -1", "SELECT (SELECT id FROM t)", "SELECT '{'::jsonb",
        "SELECT 'x'::uuid", "SELECT 'maybe'::bool",
        "SELECT 9223372036854775807 + 1", "SELECT ln(0)", "SELECT log(-1.0)", "SELECT '1'::interval / 0",
        "SELECT row_number() FROM t", "SELECT id FROM t WHERE row_number() OVER () = 1",
        "SELECT a FROM t AS x(a, b), t AS x", "SELECT (SELECT 1, 2)",
        "SELECT DISTINCT id FROM t ORDER BY s", "SELECT chr(0)", "SELECT '99:99'::time",
        "SELECT id AS a FROM t WHERE a = 1", "SELECT max(id) FROM t HAVING s = 'a'", "SELECT substring('abc', 1, -1)",
        "SELECT CASE WHEN 1 THEN 2 END", "SELECT coalesce(1, 'x')",
    )  # fmt: skip
