"""PostgreSQL's functions as DuckDB computes them: one line per signature, `name(types) result = DuckDB text`.

What is not in this list does not run.  Without `=` DuckDB's function of the same name is right as it is.
`any` takes every type, `same` is the first argument's type.
"""

from __future__ import annotations

from dataclasses import dataclass

from helios_magic.engine.dialect import known_lists, known_texts

_LINES = r"""
abs(int8) int8
abs(numeric) numeric
abs(float8) float8
sign(float8) float8 = CAST(sign({0}) AS DOUBLE)
sign(numeric) numeric = CAST(sign({0}) AS DECIMAL(1,0))
ceil(float8) float8
ceil(numeric) numeric
ceiling(float8) float8 = ceil({0})
ceiling(numeric) numeric = ceil({0})
floor(float8) float8
floor(numeric) numeric
round(float8) float8 = round_even({0}, 0)
round(numeric) numeric
trunc(float8) float8
trunc(numeric) numeric
abs(int2) int2
abs(int4) int4
abs(float4) float4
mod(int2, int2) int2 = ({0} % {1})
sqrt(float8) float8 = pg_float_sqrt({0})
sqrt(numeric) numeric = CAST(pg_numeric_sqrt(CAST({0} AS VARCHAR)) AS DECIMAL(38,20))
exp(float8) float8 = pg_finite({0}, exp({0}))
exp(numeric) numeric = CAST(pg_numeric_exp(CAST({0} AS VARCHAR)) AS DECIMAL(38,20))
ln(float8) float8 = ln(pg_float_positive({0}))
ln(numeric) numeric = CAST(pg_numeric_ln(CAST({0} AS VARCHAR)) AS DECIMAL(38,20))
log(float8) float8 = log10(pg_float_positive({0}))
log(numeric) numeric = CAST(pg_numeric_log('10', CAST({0} AS VARCHAR)) AS DECIMAL(38,20))
log(numeric, numeric) numeric = CAST(pg_numeric_log(CAST({0} AS VARCHAR), CAST({1} AS VARCHAR)) AS DECIMAL(38,20))
log10(float8) float8 = log10(pg_float_positive({0}))
log10(numeric) numeric = CAST(pg_numeric_log('10', CAST({0} AS VARCHAR)) AS DECIMAL(38,20))
power(float8, float8) float8 = pg_float_power({0}, {1})
power(numeric, numeric) numeric = CAST(pg_numeric_power(CAST({0} AS VARCHAR), CAST({1} AS VARCHAR)) AS DECIMAL(38,20))
pow(float8, float8) float8 = pg_float_power({0}, {1})
pow(numeric, numeric) numeric = CAST(pg_numeric_power(CAST({0} AS VARCHAR), CAST({1} AS VARCHAR)) AS DECIMAL(38,20))
div(numeric, numeric) numeric = CAST(pg_numeric_div(CAST({0} AS VARCHAR), CAST({1} AS VARCHAR)) AS DECIMAL(38,0))
gcd(int4, int4) int4 = CAST(gcd({0}, {1}) AS INTEGER)
gcd(int8, int8) int8 = CAST(gcd({0}, {1}) AS BIGINT)
gcd(numeric, numeric) numeric = CAST(pg_numeric_gcd(CAST({0} AS VARCHAR), CAST({1} AS VARCHAR)) AS DECIMAL(38,10))
lcm(int4, int4) int4 = CAST(lcm({0}, {1}) AS INTEGER)
lcm(int8, int8) int8 = CAST(lcm({0}, {1}) AS BIGINT)
lcm(numeric, numeric) numeric = CAST(pg_numeric_lcm(CAST({0} AS VARCHAR), CAST({1} AS VARCHAR)) AS DECIMAL(38,10))
factorial(int8) numeric = CAST(pg_factorial({0}) AS DECIMAL(38,0))
width_bucket(float8, float8, float8, int4) int4 = pg_width_bucket({0}, {1}, {2}, {3})
width_bucket(numeric, numeric, numeric, int4) int4 = pg_width_bucket(CAST({0} AS DOUBLE), CAST({1} AS DOUBLE),
    CAST({2} AS DOUBLE), {3})
min_scale(numeric) int4 = pg_least_scale(CAST({0} AS VARCHAR))
asin(float8) float8 = asin(pg_between_one({0}))
acos(float8) float8 = acos(pg_between_one({0}))
cot(float8) float8
sinh(float8) float8 = pg_finite({0}, sinh({0}))
cosh(float8) float8 = pg_finite({0}, cosh({0}))
tanh(float8) float8
asinh(float8) float8
acosh(float8) float8
atanh(float8) float8
sind(float8) float8 = pg_degrees_of('sind', {0})
cosd(float8) float8 = pg_degrees_of('cosd', {0})
tand(float8) float8 = pg_degrees_of('tand', {0})
cotd(float8) float8 = pg_degrees_of('cotd', {0})
asind(float8) float8 = degrees(asin(pg_between_one({0})))
acosd(float8) float8 = degrees(acos(pg_between_one({0})))
atand(float8) float8 = degrees(atan({0}))
atan2d(float8, float8) float8 = degrees(atan2({0}, {1}))
gamma(float8) float8
lgamma(float8) float8
random(int4, int4) int4 = CAST(floor(random() * (CAST({1} AS BIGINT) - {0} + 1)) + {0} AS INTEGER)
random(int8, int8) int8 = CAST(floor(random() * ({1} - {0} + 1)) + {0} AS BIGINT)
random(numeric, numeric) numeric = CAST({0} + CAST(random() AS DECIMAL(18,10)) * ({1} - {0}) AS DECIMAL(38,10))
random_normal() float8 = sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())
random_normal(float8, float8) float8 = {0} + {1} * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())
cbrt(float8) float8
pi() float8
sin(float8) float8
cos(float8) float8
tan(float8) float8
atan(float8) float8
atan2(float8, float8) float8
degrees(float8) float8
radians(float8) float8
random() float8
mod(int4, int4) int4 = ({0} % {1})
mod(int8, int8) int8 = ({0} % {1})
mod(numeric, numeric) numeric = ({0} % {1})
now() timestamptz
transaction_timestamp() timestamptz = now()
statement_timestamp() timestamptz = now()
clock_timestamp() timestamptz = now()
justify_hours(interval) interval = pg_justify_hours({0})
justify_days(interval) interval = pg_justify_days({0})
justify_interval(interval) interval = pg_justify_interval({0})
make_time(int4, int4, float8) time = pg_make_time({0}, {1}, {2})
make_timestamptz(int4, int4, int4, int4, int4, float8) timestamptz = CAST(make_timestamp({0}, {1}, {2}, {3}, {4},
    {5}) AS TIMESTAMPTZ)
make_timestamptz(int4, int4, int4, int4, int4, float8, text) timestamptz = (make_timestamp({0}, {1}, {2}, {3}, {4},
    {5}) AT TIME ZONE {6})
date_bin(interval, timestamp, timestamp) timestamp = pg_date_bin({0}, {1}, {2})
date_bin(interval, timestamptz, timestamptz) timestamptz = CAST(pg_date_bin({0}, CAST({1} AS TIMESTAMP),
    CAST({2} AS TIMESTAMP)) AS TIMESTAMPTZ)
date_add(timestamptz, interval) timestamptz = ({0} + {1})
date_add(timestamptz, interval, text) timestamptz = ((({0} AT TIME ZONE {2}) + {1}) AT TIME ZONE {2})
date_subtract(timestamptz, interval) timestamptz = ({0} - {1})
date_subtract(timestamptz, interval, text) timestamptz = ((({0} AT TIME ZONE {2}) - {1}) AT TIME ZONE {2})
timeofday() text = strftime(now(), '%a %b %d %H:%M:%S.%f %Y UTC')
isfinite(interval) bool = ({0} IS NOT NULL OR NULL)
make_date(int4, int4, int4) date
date(date) date = {0}
date(timestamp) date = CAST({0} AS DATE)
date(timestamptz) date = CAST({0} AS DATE)
make_timestamp(int4, int4, int4, int4, int4, float8) timestamp
isfinite(timestamp) bool
isfinite(timestamptz) bool
isfinite(date) bool
to_timestamp(float8) timestamptz
version() text = 'PostgreSQL 18.0 (HeliosDB)'
current_schema() name = 'public'
pg_backend_pid() int4 = 1
num_nulls(any) int4 = CASE WHEN {0} IS NULL THEN 1 ELSE 0 END
"""

#: Functions of PostgreSQL that are not here: refused by name as not supported rather than as unknown.
ELSEWHERE = frozenset(
    [
        "to_date",
        "to_number",
        "to_tsvector",
        "to_tsquery",
        "plainto_tsquery",
        "ts_rank",
        "regexp_matches",
        "regexp_count",
        "regexp_instr",
        "regexp_substr",
        "encode",
        "decode",
        "digest",
        "crypt",
        "format",
        "overlay",
        "jsonb_set",
        "jsonb_insert",
        "jsonb_path_query",
        "jsonb_path_exists",
        "jsonb_strip_nulls",
        "jsonb_pretty",
        "jsonb_to_record",
        "jsonb_to_recordset",
        "jsonb_populate_record",
        "jsonb_populate_recordset",
        "json_populate_record",
        "json_populate_recordset",
        "json_scalar",
        "json_serialize",
        "json_arrayagg",
        "json_objectagg",
        "unicode_version",
        "to_ascii",
        "array_dims",
        "array_ndims",
        "array_replace",
        "array_positions",
        "array_fill",
        "trim_array",
        "sha256",
        "sha512",
        "setseed",
        "set_config",
        "pg_sleep",
        "txid_current",
        "pg_advisory_lock",
        "quote_nullable",
        "xmlelement",
        "row",
        "grouping",
        "col_description",
        "obj_description",
        "pg_get_constraintdef",
        "pg_get_viewdef",
        "pg_size_pretty",
        "pg_total_relation_size",
        "pg_relation_size",
        "has_table_privilege",
        "to_regclass",
        "unistr",
        "normalize",
        "convert_from",
        "convert_to",
        "string_agg",
        "regr_slope",
        "regr_intercept",
        "daterange",
        "int4range",
        "pg_table_is_visible",
        "format_type",
        "pg_column_size",
        "unicode_assigned",
        "inet_client_addr",
        "inet_server_addr",
        "host",
        "network",
        "masklen",
        "broadcast",
        "netmask",
        "point",
        "box",
        "circle",
        "polygon",
        "path",
        "line",
        "lseg",
        "int8range",
        "numrange",
        "tsrange",
        "tstzrange",
        "isempty",
        "lower_inc",
        "upper_inc",
        "json",
        "xmlforest",
        "xmlagg",
        "setweight",
        "ts_headline",
        "ts_rank_cd",
        "phraseto_tsquery",
        "websearch_to_tsquery",
        "bit_count",
        "get_bit",
        "set_bit",
    ]
)


@dataclass(frozen=True, slots=True)
class Signature:
    """One overload: parameter types, result type, and the DuckDB text with {n} for its arguments."""

    parameters: tuple[str, ...]
    result: str
    template: str


def _read() -> dict[str, list[Signature]]:
    table: dict[str, list[Signature]] = {}
    texts = (_LINES, known_texts.LINES, known_lists.LINES)
    for line in "\n".join(text.strip() for text in texts).replace("\n    ", " ").splitlines():
        head, _, template = line.partition(" = ")
        name, rest = head.split("(", 1)
        inside, result = rest.rsplit(")", 1)
        parameters = tuple(part.strip() for part in inside.split(",")) if inside.strip() else ()
        slots = ", ".join(f"{{{position}}}" for position in range(len(parameters)))
        table.setdefault(name, []).append(Signature(parameters, result.strip(), template or f"{name}({slots})"))
    return table


SIGNATURES = _read()
