"""jsonb and json, arrays."""

from __future__ import annotations

EXPRESSIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "jsonb": {
        "json": (
            "(«json» -> «key»)", "(«json» -> 0)", "(«json» -> -1)", "(«json» #> '{b,0}')",
            "(j || '{\"z\": 9}'::jsonb)", "(«json» -> 'a' -> 'b')",
            "jsonb_build_object('k', «int», 'l', «text»)", "jsonb_build_array(«int», «text», NULL, «bool»)",
            "to_jsonb(«text»)",
            "to_jsonb(«int»)", "to_jsonb(«ints»)", "jsonb_set('{\"a\": 1}', '{a}', '2')",
            "jsonb_set('{\"a\": 1}', '{b}', to_jsonb(«int»))",
            "jsonb_strip_nulls(«json»)", "('{\"a\": 1, \"b\": 2}'::jsonb - 'a')", "('[1, 2, 3]'::jsonb - 0)",
            "to_jsonb(n)", "to_jsonb(«bool»)",
            "('{\"a\": {\"b\": 1}}'::jsonb #- '{a,b}')", "jsonb_insert('[1, 2]', '{0}', '9')",
            "jsonb_object('{a,1,b,2}')", "to_jsonb(d)",
            "jsonb_extract_path(«json», 'a', 'b')", "jsonb_build_object('n', n, 'd', d)",
            "jsonb_path_query_first(«json», '$.a')",
            "jsonb_build_object('a', NULL, 'j', «json»)", "('{\"a\": 1, \"b\": 2}'::jsonb - ARRAY['a', 'b'])",
            "to_jsonb(f8)", "j['a']",
            "jsonb_path_query_array(«json», '$[*]')", "js -> 'a'", "to_json(«int»)::jsonb",
            "json_build_object('a', «int»)::jsonb", "to_jsonb(ts)",
            "'null'::jsonb",
        ),
        "text": (
            "(«json» ->> «key»)", "(«json» ->> 0)", "(«json» #>> '{c,d}')", "jsonb_typeof(«json»)",
            "(«json» -> «key»)::text",
            "jsonb_extract_path_text(«json», 'a')", "js ->> 'a'", "json_typeof(js)",
            "jsonb_pretty('{\"a\": [1, 2]}')", "js #>> '{a,b}'",
        ),
        "bool": (
            "«json» @> '{\"a\": 1}'", "'{\"a\": 1}'::jsonb <@ «json»", "«json» ? 'a'", "«json» ?| ARRAY['a', 'zz']",
            "«json» ?& ARRAY['a', 'b']",
            "«json» = «json»", "«json» -> 'a' IS NULL", "j -> 'tags' @> '[\"x\"]'", "«json» @> '[1]'", "j @? '$.a'",
            "j @@ '$.a == 1'",
            "j <> '5'", "jsonb_path_exists(«json», '$.a')", "j ->> 'a' = '1'", "«json» < «json»",
        ),
        "int": (
            "jsonb_array_length('[1, 2, 3]')", "CASE WHEN jsonb_typeof(j) = 'array' THEN jsonb_array_length(j) END",
            "('{\"a\": 5}'::jsonb ->> 'a')::int",
            "('{\"a\": 5}'::jsonb -> 'a')::int", "json_array_length('[1, 2]')",
        ),
        "num": ("('{\"a\": 5.25}'::jsonb ->> 'a')::numeric", "('{\"a\": 5.25}'::jsonb -> 'a')::numeric"),
        "texts": ("ARRAY(SELECT jsonb_array_elements_text('[\"x\", \"y\"]'))",
        "ARRAY(SELECT jsonb_object_keys('{\"b\": 1, \"a\": 2}'))"),
    },
    "arrays": {
        "ints": (
            "(«ints» || «ints»)", "(«ints» || «int»)", "(«int» || «ints»)", "array_append(«ints», «int»)",
            "array_prepend(«int», «ints»)",
            "array_cat(«ints», «ints»)", "array_remove(«ints», 2)", "array_replace(«ints», 2, 9)",
            "ARRAY[«int», «int», NULL]", "ia[1:2]", "ia[2:]",
            "ia[:1]", "array_fill(7, ARRAY[2])", "ARRAY(SELECT k FROM u WHERE u.t_id = t.id ORDER BY u.id)",
            "array_positions(«ints», 2)",
            "trim_array(ARRAY[1, 2, 3], 1)", "'{}'::int[]", "coalesce(ia, '{}')", "(ARRAY[5, 6, 7])[2:3]",
        ),
        "texts": (
            "(«texts» || «text»)", "(«texts» || ARRAY['q'])", "array_append(«texts», «text»)", "ARRAY[«text», 'z']",
            "array_remove(«texts», 'x')",
            "string_to_array('a,b,,c', ',')", "string_to_array('a,b', ',', 'b')", "ta[1:1]",
            "array_replace(ta, 'x', NULL)",
        ),
        "int": (
            "ia[1]", "ia[«positive»]", "ia[10]", "(«ints»)[1]", "array_length(«ints», 1)", "cardinality(«ints»)",
            "array_upper(ia, 1)", "array_lower(ia, 1)",
            "array_ndims(«ints»)", "array_position(«ints», 2)", "(SELECT sum(x) FROM unnest(«ints») x)::int",
            "array_length(«texts», 1)",
        ),
        "text": ("ta[1]", "array_to_string(«ints», ',')", "array_to_string(«texts», '-', '?')", "(«texts»)[2]",
        "array_to_string(ARRAY[1, NULL, 3], ',', '*')",
                 "array_dims(ia)"),
        "bool": (
            "«int» = ANY («ints»)", "«int» <> ALL («ints»)", "«ints» @> ARRAY[1]", "ARRAY[1] <@ «ints»",
            "«ints» && ARRAY[1, 2]", "«ints» = «ints»",
            "«text» = ANY («texts»)", "«texts» && ARRAY['x', 'y']", "«ints» < «ints»", "«texts» @> '{x}'",
            "NOT («int» = ANY («ints»))",
            "3 < ANY («ints»)", "ia IS NULL", "ia <> '{}'", "s LIKE ANY («texts»)",
        ),
    },
    "identifiers": {
        "int": ('t."id"', "T.I4", "public.t.id", "t.Id", 'public."t".i4'),
        "text": ("t.S", '"t"."s"', "S || V"),
    },
}  # fmt: skip
