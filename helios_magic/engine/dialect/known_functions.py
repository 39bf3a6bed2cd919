"""PostgreSQL's functions as DuckDB computes them: one line per signature, `name(types) result = DuckDB text`.

What is not in this list does not run.  Without `=` DuckDB's function of the same name is right as it is.
`any` takes every type, `same` is the first argument's type.
"""

from __future__ import annotations

from dataclasses import dataclass

_LINES = r"""
lower(text) text
upper(text) text
length(text) int4 = CAST(length({0}) AS INTEGER)
char_length(text) int4 = CAST(length({0}) AS INTEGER)
character_length(text) int4 = CAST(length({0}) AS INTEGER)
octet_length(text) int4 = CAST(strlen({0}) AS INTEGER)
octet_length(bpchar) int4 = CAST(strlen({0}) AS INTEGER)
bit_length(text) int4 = CAST(strlen({0}) * 8 AS INTEGER)
octet_length(bytea) int4 = CAST(octet_length({0}) AS INTEGER)
length(bytea) int4 = CAST(octet_length({0}) AS INTEGER)
substr(text, int4) text = CASE WHEN {1} < 1 THEN {0} ELSE substring({0}, {1}) END
substr(text, int4, int4) text = CASE WHEN {2} < 0 THEN CAST(error('[22011] negative substring length not
    allowed') AS VARCHAR) WHEN {1} + {2} <= 1 THEN CASE WHEN {0} IS NOT NULL THEN '' END ELSE substring({0},
    greatest({1}, 1), {1} + {2} - greatest({1}, 1)) END
left(text, int4) text
right(text, int4) text
btrim(text) text = trim({0}, ' ')
btrim(text, text) text = trim({0}, {1})
ltrim(text) text = ltrim({0}, ' ')
ltrim(text, text) text
rtrim(text) text = rtrim({0}, ' ')
rtrim(text, text) text
replace(text, text, text) text = CASE WHEN {1} = '' THEN {0} ELSE replace({0}, {1}, {2}) END
translate(text, text, text) text
reverse(text) text
repeat(text, int4) text = repeat({0}, greatest({1}, 0))
lpad(text, int4) text = lpad({0}, greatest({1}, 0), ' ')
lpad(text, int4, text) text = CASE WHEN {2} = '' THEN left({0}, greatest({1}, 0)) ELSE lpad({0}, greatest({1},
    0), {2}) END
rpad(text, int4) text = rpad({0}, greatest({1}, 0), ' ')
rpad(text, int4, text) text = CASE WHEN {2} = '' THEN left({0}, greatest({1}, 0)) ELSE rpad({0}, greatest({1},
    0), {2}) END
strpos(text, text) int4 = CAST(strpos({0}, {1}) AS INTEGER)
split_part(text, text, int4) text = CASE WHEN {2} = 0 THEN CAST(error('[22023] field position must not be zero')
    AS VARCHAR) ELSE split_part({0}, {1}, {2}) END
starts_with(text, text) bool
ascii(text) int4 = CASE WHEN {0} = '' THEN 0 ELSE CAST(unicode({0}) AS INTEGER) END
chr(int4) text
md5(text) text
initcap(text) text = pg_initcap({0})
to_hex(int4) text = lower(hex(CAST(CASE WHEN {0} < 0 THEN CAST({0} AS BIGINT) + 4294967296 ELSE {0} END AS BIGINT)))
quote_literal(text) text = concat(CASE WHEN contains({0}, '\') THEN ' E' END, CASE WHEN {0} IS NOT NULL THEN
    '''' END, replace(replace({0}, '''', ''''''), '\', '\\'), CASE WHEN {0} IS NOT NULL THEN '''' END)
regexp_replace(text, text, text) text = regexp_replace({0}, {1}, {2}, 's')
regexp_split_to_array(text, text) text[] = pg_regexp_split({0}, {1})
string_to_array(text, text) text[] = pg_string_to_array({0}, {1})
array_to_string(array, text) text = CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN
    coalesce(list_aggregate(list_filter({0}, lambda m: m IS NOT NULL), 'string_agg', {1}), '') END
array_length(array, int4) int4 = CASE WHEN {1} = 1 THEN CAST(nullif(len({0}), 0) AS INTEGER) END
array_upper(array, int4) int4 = CASE WHEN {1} = 1 THEN CAST(nullif(len({0}), 0) AS INTEGER) END
array_lower(array, int4) int4 = CASE WHEN {1} = 1 AND len({0}) > 0 THEN 1 END
cardinality(array) int4 = CAST(len({0}) AS INTEGER)
array_append(array, element) same = list_concat({0}, [{1}])
array_prepend(element, array) second = list_concat([{0}], {1})
array_cat(array, array) same = list_concat({0}, {1})
array_remove(array, element) same = list_filter({0}, lambda m: m IS DISTINCT FROM {1})
array_position(array, element) int4 = CAST(nullif(coalesce(list_position({0}, {1}), 0), 0) AS INTEGER)
abs(int4) int4
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
sqrt(float8) float8
cbrt(float8) float8
exp(float8) float8
ln(float8) float8
log(float8) float8
log10(float8) float8
power(float8, float8) float8 = pow({0}, {1})
pow(float8, float8) float8 = pow({0}, {1})
pi() float8
sin(float8) float8
cos(float8) float8
tan(float8) float8
asin(float8) float8
acos(float8) float8
atan(float8) float8
atan2(float8, float8) float8
degrees(float8) float8
radians(float8) float8
random() float8
mod(int4, int4) int4 = ({0} % {1})
mod(int8, int8) int8 = ({0} % {1})
mod(numeric, numeric) numeric = ({0} % {1})
gcd(int4, int4) int4 = CAST(gcd({0}, {1}) AS INTEGER)
lcm(int4, int4) int4 = CAST(lcm({0}, {1}) AS INTEGER)
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
make_timestamp(int4, int4, int4, int4, int4, float8) timestamp
isfinite(timestamp) bool
isfinite(timestamptz) bool
isfinite(date) bool
to_timestamp(float8) timestamptz
gen_random_uuid() uuid
uuid_generate_v4() uuid = gen_random_uuid()
version() text = 'PostgreSQL 18.0 (HeliosDB)'
current_schema() name = 'public'
pg_backend_pid() int4 = 1
jsonb_typeof(jsonb) text = pg_json_kind({0})
json_typeof(json) text = pg_json_kind({0})
jsonb_array_length(jsonb) int4 = pg_json_size({0})
json_array_length(json) int4 = pg_json_size({0})
jsonb_exists(jsonb, text) bool = pg_json_has({0}, {1})
jsonb_extract_path_text_(jsonb, text) text = pg_json_scalar_text(pg_json_member({0}, {1}))
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
        "width_bucket",
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
        "array_dims",
        "array_ndims",
        "array_replace",
        "array_positions",
        "array_fill",
        "trim_array",
        "sha256",
        "sha512",
        "scale",
        "min_scale",
        "trim_scale",
        "div",
        "factorial",
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
    for line in _LINES.strip().replace("\n    ", " ").splitlines():
        head, _, template = line.partition(" = ")
        name, rest = head.split("(", 1)
        inside, result = rest.rsplit(")", 1)
        parameters = tuple(part.strip() for part in inside.split(",")) if inside.strip() else ()
        slots = ", ".join(f"{{{position}}}" for position in range(len(parameters)))
        table.setdefault(name, []).append(Signature(parameters, result.strip(), template or f"{name}({slots})"))
    return table


SIGNATURES = _read()
