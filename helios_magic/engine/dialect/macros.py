"""SQL macros that the rewritten statements call: made once per instance by the engine, after `FUNCTIONS`.

A failure is raised as `[SQLSTATE] message`, like those of the functions.
"""

from __future__ import annotations

from helios_magic.engine.dialect.pgcatalog.macros import TEXT as OF_CATALOGUES

_TEXT = r"""
pg_whole(x) AS CASE
    WHEN x IS NULL OR regexp_full_match(CAST(x AS VARCHAR), '\s*[+-]?\d+(\.0+)?\s*') THEN CAST(x AS VARCHAR)
    ELSE error('[22P02] invalid input syntax for type integer: "' || CAST(x AS VARCHAR) || '"') END

pg_text_whole(x, kind) AS CASE
    WHEN x IS NULL OR regexp_full_match(x, '\s*[+-]?\d+\s*') THEN trim(x)
    ELSE error('[22P02] invalid input syntax for type ' || kind || ': "' || x || '"') END

pg_text_bool(x) AS CASE
    WHEN x IS NULL THEN NULL
    WHEN lower(trim(x)) IN ('t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', 'on', '1') THEN true
    WHEN lower(trim(x)) IN ('f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off', '0') THEN false
    ELSE error('[22P02] invalid input syntax for type boolean: "' || x || '"') END

pg_bytea(x) AS CASE
    WHEN typeof(x) = 'BLOB' THEN CAST(x AS BLOB)
    WHEN contains(CAST(x AS VARCHAR), '\') THEN pg_bytea_read(CAST(x AS VARCHAR))
    ELSE encode(CAST(x AS VARCHAR)) END

pg_exact(x) AS CASE
    WHEN x IS NULL OR regexp_full_match(CAST(x AS VARCHAR), '\s*[+-]?\d*(\.\d{0,10}0*)?\s*')
    THEN CAST(CAST(x AS VARCHAR) AS DECIMAL(38,10))
    ELSE error('[0A000] the number ' || CAST(x AS VARCHAR)
        || ' does not fit numeric exactly: 10 digits after the point are kept here') END

pg_float_numeric(x, digits) AS CASE
    WHEN isfinite(x)
    THEN CAST(format(CASE digits WHEN 6 THEN '{:.6g}' ELSE '{:.15g}' END, CAST(x AS DOUBLE)) AS DECIMAL(38,15))
    WHEN x IS NOT NULL THEN error('[0A000] an infinite or undefined numeric is not supported') END

pg_fitting(x, size, kind) AS CASE
    WHEN x IS NULL OR length(x) <= size THEN x
    WHEN length(rtrim(x, ' ')) <= size THEN left(x, size)
    ELSE error('[22001] value too long for type ' || kind || '(' || size || ')') END

pg_timestamptz_text(x) AS CASE
    WHEN isfinite(x) THEN CAST(CAST(x AS TIMESTAMP) AS VARCHAR) || '+00' ELSE CAST(x AS VARCHAR) END

pg_array_overlaps(a, b) AS
    list_has_any(list_filter(a, lambda m: m IS NOT NULL), list_filter(b, lambda m: m IS NOT NULL))

pg_array_contains(a, b) AS CASE
    WHEN a IS NULL OR b IS NULL THEN NULL
    WHEN len(list_filter(b, lambda m: m IS NULL)) > 0 THEN false
    ELSE list_has_all(a, b) END

pg_slice(a, low, high) AS CASE WHEN low IS NOT NULL AND high IS NOT NULL
    THEN list_slice(a, greatest(low, 1), CASE WHEN high < 1 THEN 0 ELSE high END) END

pg_item(a, place) AS CASE WHEN place < 1 THEN NULL ELSE list_extract(a, place) END

pg_string_to_array(x, delimiter) AS CASE
    WHEN x = '' THEN []
    WHEN delimiter IS NULL THEN string_split(x, '')
    WHEN delimiter = '' THEN [x]
    ELSE string_split(x, delimiter) END

pg_json_odd(x, path) AS json_type(x, path) IN ('OBJECT', 'ARRAY', 'DOUBLE') OR contains(CAST(x AS VARCHAR), '\u00')

pg_json_at(x, path, steps) AS CASE
    WHEN json_type(x, path) IS NULL THEN NULL
    WHEN pg_json_odd(x, path) THEN CAST(pg_json_path(CAST(x AS VARCHAR), steps) AS JSON)
    ELSE json_extract(x, path) END

pg_json_text_at(x, path, steps) AS CASE
    WHEN json_type(x, path) IS NULL THEN NULL
    WHEN pg_json_odd(x, path) THEN pg_json_scalar_text(pg_json_path(CAST(x AS VARCHAR), steps))
    ELSE json_extract_string(x, path) END

pg_json_has_at(x, path, key) AS CASE
    WHEN json_type(x) = 'OBJECT' THEN json_exists(x, path) ELSE pg_json_has(CAST(x AS VARCHAR), key) END

pg_json_same(x) AS CASE WHEN contains(CAST(x AS VARCHAR), '.') THEN pg_json_key(CAST(x AS VARCHAR))
    ELSE CAST(x AS VARCHAR) END

pg_json_kind(x) AS CASE json_type(x)
    WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean'
    WHEN 'NULL' THEN 'null' WHEN 'BIGINT' THEN 'number' WHEN 'UBIGINT' THEN 'number' WHEN 'DOUBLE' THEN 'number'
    ELSE pg_json_typeof(CAST(x AS VARCHAR)) END

pg_json_size(x) AS CASE WHEN json_type(x) = 'ARRAY' THEN CAST(json_array_length(x) AS INTEGER)
    ELSE pg_json_length(CAST(x AS VARCHAR)) END

pg_float8(x) AS CASE
    WHEN abs(x) < 1e15 AND (abs(x) >= 1e-4 OR x = 0) THEN regexp_replace(CAST(x AS VARCHAR), '\.0$', '')
    ELSE pg_float8_text(x) END

pg_float4(x) AS CASE
    WHEN abs(x) < 1e6 AND (abs(x) >= 1e-4 OR x = 0) THEN regexp_replace(CAST(x AS VARCHAR), '\.0$', '')
    ELSE pg_float4_text(CAST(x AS VARCHAR)) END

pg_regexp_split(x, pattern) AS string_split_regex(x, pattern)
"""

MACROS: tuple[str, ...] = tuple(
    f"CREATE OR REPLACE MACRO {text}" for text in (*_TEXT.strip().split("\n\n"), *OF_CATALOGUES.strip().split("\n\n"))
)
