"""PostgreSQL's functions of json as DuckDB computes them, in the form of `known_functions`; macros for arrays."""

from __future__ import annotations

LINES = r"""
jsonb_typeof(jsonb) text = pg_json_kind({0})
json_typeof(json) text = pg_json_kind({0})
jsonb_array_length(jsonb) int4 = pg_json_size({0})
json_array_length(json) int4 = pg_json_size({0})
jsonb_exists(jsonb, text) bool = pg_json_has({0}, {1})
jsonb_exists_any(jsonb, text[]) bool = pg_json_has_any({0}, {1})
jsonb_exists_all(jsonb, text[]) bool = pg_json_has_all({0}, {1})
jsonb_contains(jsonb, jsonb) bool = pg_json_contains({0}, {1})
jsonb_contained(jsonb, jsonb) bool = pg_json_contains({1}, {0})
jsonb_concat(jsonb, jsonb) jsonb = CAST(pg_json_join({0}, {1}) AS JSON)
jsonb_delete(jsonb, text) jsonb = CAST(pg_json_without({0}, {1}) AS JSON)
jsonb_delete(jsonb, int4) jsonb = CAST(pg_json_without_item({0}, CAST({1} AS BIGINT)) AS JSON)
jsonb_delete_path(jsonb, text[]) jsonb = CAST(pg_json_without_path({0}, {1}) AS JSON)
jsonb_set(jsonb, text[], jsonb) jsonb = CAST(pg_json_set({0}, {1}, {2}, true) AS JSON)
jsonb_set(jsonb, text[], jsonb, bool) jsonb = CAST(pg_json_set({0}, {1}, {2}, {3}) AS JSON)
jsonb_set_lax(jsonb, text[], jsonb) jsonb = CAST(pg_json_set_lax({0}, {1}, {2}, true, 'use_json_null') AS JSON)
jsonb_set_lax(jsonb, text[], jsonb, bool) jsonb = CAST(pg_json_set_lax({0}, {1}, {2}, {3}, 'use_json_null') AS JSON)
jsonb_set_lax(jsonb, text[], jsonb, bool, text) jsonb = CAST(pg_json_set_lax({0}, {1}, {2}, {3}, {4}) AS JSON)
jsonb_insert(jsonb, text[], jsonb) jsonb = CAST(pg_json_insert({0}, {1}, {2}, false) AS JSON)
jsonb_insert(jsonb, text[], jsonb, bool) jsonb = CAST(pg_json_insert({0}, {1}, {2}, {3}) AS JSON)
jsonb_strip_nulls(jsonb) jsonb = CAST(pg_json_strip_nulls({0}, false) AS JSON)
jsonb_strip_nulls(jsonb, bool) jsonb = CAST(pg_json_strip_nulls({0}, {1}) AS JSON)
jsonb_pretty(jsonb) text = pg_json_pretty({0})
jsonb_object(text[]) jsonb = CAST(pg_jsonb(pg_json_object({0})) AS JSON)
jsonb_object(text[], text[]) jsonb = CAST(pg_jsonb(pg_json_object_of({0}, {1})) AS JSON)
json_object(text[]) json = CAST(pg_json_object({0}) AS JSON)
json_object(text[], text[]) json = CAST(pg_json_object_of({0}, {1}) AS JSON)
"""

MACROS = r"""
pg_rectangular(a) AS CASE
    WHEN len(list_distinct(list_transform(a, lambda m: coalesce(len(m), -1)))) > 1
    THEN error('[2202E] multidimensional arrays must have array expressions with matching dimensions')
    ELSE a END

pg_put_item(a, place, what) AS CASE
    WHEN place IS NULL THEN error('[22004] array subscript in assignment must not be null')
    WHEN place < 1 OR (place > 1 AND coalesce(len(a), 0) = 0)
    THEN error('[0A000] an array whose first subscript is not 1 is not supported')
    ELSE list_concat(list_append(list_resize(coalesce(a, []), place - 1), what),
        coalesce(list_slice(a, place + 1, len(a)), [])) END

pg_put_slice(a, low, high, items, bounded) AS CASE
    WHEN NOT bounded AND coalesce(len(a), 0) = 0
    THEN CASE WHEN items IS NOT NULL THEN error('[2202E] array slice subscript must provide both boundaries') ELSE a END
    WHEN low IS NULL OR high IS NULL THEN error('[22004] array subscript in assignment must not be null')
    WHEN items IS NULL THEN a
    WHEN low > high THEN error('[2202E] upper bound cannot be less than lower bound')
    WHEN len(items) < high - low + 1 THEN error('[2202E] source array too small')
    WHEN low < 1 OR (low > 1 AND coalesce(len(a), 0) = 0)
    THEN error('[0A000] an array whose first subscript is not 1 is not supported')
    ELSE list_concat(list_concat(list_resize(coalesce(a, []), low - 1), list_slice(items, 1, high - low + 1)),
        coalesce(list_slice(a, high + 1, len(a)), [])) END

pg_array_position(a, what, start) AS CAST(CASE
    WHEN start <= 1 THEN nullif(coalesce(list_position(a, what), 0), 0)
    ELSE nullif(coalesce(list_position(list_slice(a, start, len(a)), what), 0), 0) + start - 1 END AS INTEGER)

pg_array_positions(a, what) AS list_transform(list_filter(range(1, len(a) + 1),
    lambda i: list_extract(a, i) IS NOT DISTINCT FROM what), lambda i: CAST(i AS INTEGER))

pg_has_member(a, what) AS CASE
    WHEN len(a) = 0 THEN false
    WHEN a IS NULL OR what IS NULL THEN NULL
    WHEN list_contains(a, what) THEN true
    WHEN list_count(a) < len(a) THEN NULL
    ELSE false END

pg_trim_array(a, count) AS CASE
    WHEN count BETWEEN 0 AND len(a) THEN list_slice(a, 1, len(a) - count)
    WHEN a IS NOT NULL AND count IS NOT NULL
    THEN error('[2202E] number of elements to trim must be between 0 and ' || len(a)) END

pg_array_sort(a, falling, first) AS CASE
    WHEN falling AND first THEN list_sort(a, 'DESC', 'NULLS FIRST') WHEN falling THEN list_sort(a, 'DESC', 'NULLS LAST')
    WHEN first THEN list_sort(a, 'ASC', 'NULLS FIRST')
    WHEN falling IS NOT NULL AND first IS NOT NULL THEN list_sort(a, 'ASC', 'NULLS LAST') END

pg_array_filled(what, size) AS CASE
    WHEN size < 0 THEN error('[22023] array size exceeds the maximum allowed')
    ELSE list_transform(range(size), lambda i: what) END

pg_array_joined(a, delimiter) AS CASE WHEN a IS NOT NULL AND delimiter IS NOT NULL
    THEN coalesce(array_to_string(a, delimiter), '') END

pg_array_shuffled(a) AS list_transform(list_sort(list_transform(range(1, len(a) + 1),
    lambda i: {'key': hash(random(), i), 'place': i})), lambda s: list_extract(a, s.place))

pg_array_sample(a, size) AS CASE
    WHEN size BETWEEN 0 AND len(a) THEN list_slice(pg_array_shuffled(a), 1, size)
    WHEN a IS NOT NULL AND size IS NOT NULL THEN error('[22023] sample size must be between 0 and ' || len(a)) END

pg_json_set_lax(x, path, new, create_missing, instead) AS CASE
    WHEN new IS NOT NULL THEN pg_json_set(CAST(x AS VARCHAR), path, CAST(new AS VARCHAR), create_missing)
    WHEN instead = 'use_json_null' THEN pg_json_set(CAST(x AS VARCHAR), path, 'null', create_missing)
    WHEN instead = 'delete_key' THEN pg_json_without_path(CAST(x AS VARCHAR), path)
    WHEN instead = 'return_target' THEN CAST(x AS VARCHAR)
    WHEN instead = 'raise_exception' THEN error('[22004] JSON value must not be null')
    ELSE error('[22023] null_value_treatment must be "delete_key", "return_target", "use_json_null", or '
        || '"raise_exception"') END

pg_json_has_any(x, keys) AS CASE WHEN x IS NOT NULL AND keys IS NOT NULL THEN
    coalesce(list_bool_or(list_transform(keys, lambda k: pg_json_has(CAST(x AS VARCHAR), k))), false) END

pg_json_has_all(x, keys) AS CASE WHEN x IS NOT NULL AND keys IS NOT NULL THEN
    coalesce(list_bool_and(list_transform(keys, lambda k: pg_json_has(CAST(x AS VARCHAR), k))), true) END
"""
