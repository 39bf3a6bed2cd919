"""Numbers, truth, conditions and casts."""

from __future__ import annotations

EXPRESSIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "arithmetic": {
        "int": (
            "(«int» + «int»)", "(«int» - «int»)", "(«int» * «int»)", "- «int»", "abs(«int»)", "sign(«int»)::int",
            "(«int» & «int»)", "(«int» | «int»)", "(«int» # 3)", "(«positive» << 2)", "(«int» >> 1)", "~ «int»",
            "@ «int»", "gcd(«int», 6)", "lcm(«positive», 4)",
        ),
        "big": ("(«big» + «int»)", "(«big» - «big»)", "abs(«big»)", "mod(«big», 7::bigint)", "(«int»::bigint * 3)"),
        "flt": (
            "(«flt» + «flt»)", "(«flt» - «int»)", "(«flt» * «num»)", "sqrt(abs(«flt»))", "(«flt» / 4)", "floor(«flt»)",
            "ceil(«flt»)", "round(«flt»)", "trunc(«flt»)", "abs(«flt»)", "sign(«flt»)", "power(«flt», 2)",
            "|/ 16::float8",
            "exp(0::float8)", "pi()", "degrees(1::float8)", "radians(180::float8)", "cbrt(27::float8)", "(«flt» ^ 2)",
            "sin(0::float8)", "atan2(1, 1)",
        ),
    },
    "integer division": {
        "int": (
            "(«int» / 3)", "(«int» % 3)", "mod(«int», 4)", "(7 / 2)", "(-7 / 2)", "(-7 % 3)", "div(«int», 3)::int",
            "(«int» / nullif(«int», 0))", "(«int» % nullif(«int», 0))",
        ),
        "big": ("(«big» / 7)", "(«big» % 7)", "(«big» / nullif(«int», 0))"),
    },
    "numeric": {
        "num": (
            "(«num» + «num»)", "(«num» - «int»)", "(«num» * «num»)", "round(«num»)", "round(«num», 2)", "round(n, -1)",
            "trunc(«num», 1)", "trunc(«num»)", "floor(«num»)", "ceil(«num»)", "abs(«num»)", "sign(«num»)", "-«num»",
            "mod(n, 3)", "div(n, 3)", "n / 4", "n / nullif(«int», 0)", "(n / 7)::numeric(12,4)", "scale(n)::numeric",
            "«int»::numeric", "«num»::numeric(14,1)", "1.10 * 2.20", "10.0 / 3", "0.1 + 0.2", "n % 7",
            "min_scale(n)::numeric",
            "trim_scale(n)", "greatest(«num», «num»)", "sqrt(4.0)", "power(2.0, 3)", "ln(1.0)",
            "log(100.0)", "exp(1.0)", "n + «big»",
        ),
        "int": ("round(n)::int", "floor(n)::int", "width_bucket(n, 0, 1000, 5)", "scale(n)", "sign(n)::int", "n::int"),
        "bool": ("n «compare» «num»", "n = 1.50", "n «compare» «int»", "n BETWEEN -10 AND 10.5", "n IN (1, 2.5, 3)"),
    },
    "conditions": {
        "bool": (
            "(«bool» AND «bool»)", "(«bool» OR «bool»)", "NOT («bool»)", "«int» «compare» «int»", "«flt» < «flt»",
            "«text» «compare» «text»", "«int» IS NULL", "«text» IS NOT NULL", "«bool» IS TRUE", "«bool» IS NOT FALSE",
            "«bool» IS UNKNOWN", "«int» BETWEEN «int» AND «int»", "«int» NOT BETWEEN SYMMETRIC 5 AND -5",
            "«int» IN («int», «int», NULL)", "«text» NOT IN ('a', 'b')", "«int» IS DISTINCT FROM «int»",
            "«text» IS NOT DISTINCT FROM «text»", "(id, i4) < (5, 3)", "(id, s) = (3, 'a')", "«date» «compare» «date»",
            "m «compare» 'ok'", "m > 'sad'::mood", "u IS NOT NULL", "«int» = ANY (ARRAY[1, 2, 7])",
            "i4 «compare» ALL (ARRAY[1, 2])", "id = SOME (ARRAY[1, 5])", "(id, i4) IN ((1, 2), (3, 4))", "b = 't'",
            "id = '3'", "b IS DISTINCT FROM «bool»", "«bool» = «bool»",
        ),
        "int": (
            "coalesce(«int», «int»)", "nullif(«int», «int»)", "greatest(«int», «int», «int»)", "least(«int», «int»)",
            "CASE WHEN «bool» THEN «int» ELSE «int» END", "CASE «int» WHEN 1 THEN «int» WHEN 2 THEN 0 END",
            "num_nulls(i4, s, b)", "num_nonnulls(i4, s)",
        ),
        "text": (
            "coalesce(«text», «text»)", "nullif(«text», 'a')", "greatest(«text», «text»)", "least(«text», 'm')",
            "CASE WHEN «bool» THEN «text» ELSE «text» END", "CASE m WHEN 'ok' THEN 'fine' ELSE s END",
            "CASE WHEN «bool» THEN «text» END",
        ),
        "num": ("CASE WHEN «bool» THEN «num» ELSE «int» END", "coalesce(«num», 0)", "coalesce(n, «num», 0)"),
        "date": ("coalesce(«date», «date»)", "greatest(«date», «date»)", "CASE WHEN «bool» THEN «date» END"),
    },
    "casts": {
        "text": (
            "«int»::text", "«big»::text", "n::text", "«flt»::text", "f4::text", "«bool»::text", "«date»::text",
            "«ts»::text",
            "«tz»::text", "«time»::text", "«ival»::text", "«json»::text", "«ints»::text", "«texts»::text", "u::text",
            "by::text",
            "m::text", "«text»::varchar(2)", "«text»::char(3)", "cast(«text» AS varchar(3))", "c::text",
            "«int»::varchar",
            "(n * 2)::text", "(1.10 * 2.20)::text", "(i4 / 2.0)::numeric(10,3)::text", "js::text", "1e10::float8::text",
            "1e-7::float8::text", "q::text", "'x'::name::text",
        ),
        "int": (
            "«num»::int", "«flt»::int", "(«flt» * 0 + 2.5)::int", "(«flt» * 0 + 3.5)::int", "2.5::int", "-2.5::int",
            "'42'::int",
            "' 7 '::int", "«bool»::int", "cast(id AS smallint)",
            "«big»::text::bigint::numeric::text::int8::int % 1 + 1",
        ),
        "big": ("«int»::bigint", "n::bigint", "'12345678901'::int8", "f8::bigint", "cast(«int» AS bigint)"),
        "num": ("'1.50'::numeric", "«int»::numeric(10,2)", "f8::numeric", "'12.345'::numeric(6,2)", "f4::numeric"),
        "flt": ("«int»::float8", "n::float8", "'1e3'::float8", "'NaN'::float8", "'Infinity'::float8", "«real»::float8"),
        "real": ("«int»::real", "f8::real", "n::float4"),
        "bool": ("'t'::boolean", "'off'::bool", "«int»::bool", "'yes'::boolean", "'true'::text::bool"),
        "date": ("'2024-05-06'::date", "ts::date", "tz::date", "cast('20240506' AS date)", "'May 6, 2024'::date"),
        "ts": ("'2024-05-06 07:08:09'::timestamp", "«date»::timestamp", "tz::timestamp",
        "'2024-05-06T07:08'::timestamp"),
        "tz": ("'2024-05-06 07:08:09+02'::timestamptz", "ts::timestamptz", "d::timestamptz",
        "'2024-05-06'::timestamptz"),
        "time": ("ts::time", "'04:05'::time", "'04:05:06.789'::time(1)", "'4:05 PM'::time"),
        "ival": ("'1 day 2 hours'::interval", "'P1Y2M3DT4H'::interval", "'1-2'::interval", "'03:04:05'::interval"),
        "json": ("'{\"b\": 1, \"a\": [true, null]}'::jsonb", "js::jsonb", "'1.50'::jsonb", "to_jsonb(«text»)"),
        "ints": ("'{1,NULL,3}'::int[]", "ARRAY['1', '2']::int[]", "ia::bigint[]::int[]"),
        "texts": ("ia::text[]", "'{\"a b\",c,NULL}'::text[]", "ARRAY[1, 2]::text[]"),
        "uuid": ("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "md5('x')::uuid"),
        "bytes": ("'abc'::bytea", "'\\x00ff'::bytea", "s::bytea"),
        "mood": ("'sad'::mood", "lower('OK')::mood"),
    },
}  # fmt: skip
