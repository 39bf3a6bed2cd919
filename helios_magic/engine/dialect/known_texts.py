"""PostgreSQL's functions of text, bytea and uuid as DuckDB computes them; the form is that of `known_functions`."""

from __future__ import annotations

LINES = r"""
lower(text) text = pg_lower({0})
upper(text) text = pg_upper({0})
casefold(text) text = pg_lower({0})
initcap(text) text = pg_initcap({0})
length(text) int4 = CAST(length({0}) AS INTEGER)
length(bytea) int4 = CAST(octet_length({0}) AS INTEGER)
char_length(text) int4 = CAST(length({0}) AS INTEGER)
character_length(text) int4 = CAST(length({0}) AS INTEGER)
octet_length(text) int4 = CAST(strlen({0}) AS INTEGER)
octet_length(bpchar) int4 = CAST(strlen({0}) AS INTEGER)
octet_length(bytea) int4 = CAST(octet_length({0}) AS INTEGER)
bit_length(text) int4 = CAST(strlen({0}) * 8 AS INTEGER)
bit_length(bytea) int4 = CAST(octet_length({0}) * 8 AS INTEGER)
substr(text, int4) text = pg_substr({0}, {1})
substr(text, int4, int4) text = pg_substr_of({0}, {1}, {2})
substr(bytea, int4) bytea = pg_bytes_part({0}, {1}, 2147483647)
substr(bytea, int4, int4) bytea = pg_bytes_part({0}, {1}, {2})
left(text, int4) text
right(text, int4) text
btrim(text) text = trim({0}, ' ')
btrim(text, text) text = trim({0}, {1})
ltrim(text) text = ltrim({0}, ' ')
ltrim(text, text) text
rtrim(text) text = rtrim({0}, ' ')
rtrim(text, text) text
btrim(bytea, bytea) bytea = pg_bytes_trim({0}, {1})
ltrim(bytea, bytea) bytea = pg_bytes_ltrim({0}, {1})
rtrim(bytea, bytea) bytea = pg_bytes_rtrim({0}, {1})
replace(text, text, text) text = pg_replace({0}, {1}, {2})
translate(text, text, text) text
reverse(text) text = pg_reverse({0})
reverse(bytea) bytea = pg_bytes_reverse({0})
repeat(text, int4) text = repeat({0}, greatest({1}, 0))
lpad(text, int4) text = lpad({0}, greatest({1}, 0), ' ')
lpad(text, int4, text) text = pg_lpad({0}, {1}, {2})
rpad(text, int4) text = rpad({0}, greatest({1}, 0), ' ')
rpad(text, int4, text) text = pg_rpad({0}, {1}, {2})
strpos(text, text) int4 = CAST(strpos({0}, {1}) AS INTEGER)
position(text, text) int4 = CAST(strpos({0}, {1}) AS INTEGER)
position(bytea, bytea) int4 = pg_bytes_position({0}, {1})
split_part(text, text, int4) text = pg_split_part({0}, {1}, {2})
starts_with(text, text) bool
ascii(text) int4 = pg_ascii({0})
chr(int4) text = pg_chr({0})
overlay(text, text, int4) text = pg_overlay({0}, {1}, {2}, CAST(length({1}) AS INTEGER))
overlay(text, text, int4, int4) text = pg_overlay({0}, {1}, {2}, {3})
overlay(bytea, bytea, int4) bytea = pg_bytes_overlay({0}, {1}, {2}, CAST(octet_length({1}) AS INTEGER))
overlay(bytea, bytea, int4, int4) bytea = pg_bytes_overlay({0}, {1}, {2}, {3})
md5(text) text
md5(bytea) text = md5({0})
sha224(bytea) bytea = pg_sha({0}, 224)
sha256(bytea) bytea = unhex(sha256({0}))
sha384(bytea) bytea = pg_sha({0}, 384)
sha512(bytea) bytea = pg_sha({0}, 512)
crc32(bytea) int8 = pg_crc32({0})
encode(bytea, text) text = pg_encode({0}, {1})
decode(text, text) bytea = pg_decode({0}, {1})
convert_from(bytea, name) text = pg_convert_from({0}, {1})
convert_to(text, name) bytea = pg_convert_to({0}, {1})
get_byte(bytea, int4) int4 = pg_get_byte({0}, {1})
set_byte(bytea, int4, int4) bytea = pg_set_byte({0}, {1}, {2})
get_bit(bytea, int8) int4 = pg_get_bit({0}, {1})
set_bit(bytea, int8, int4) bytea = pg_set_bit({0}, {1}, {2})
bit_count(bytea) int8 = pg_bit_count({0})
to_hex(int4) text = pg_radix({0}, 32, 16)
to_hex(int8) text = pg_radix({0}, 64, 16)
to_oct(int4) text = pg_radix({0}, 32, 8)
to_oct(int8) text = pg_radix({0}, 64, 8)
to_bin(int4) text = pg_radix({0}, 32, 2)
to_bin(int8) text = pg_radix({0}, 64, 2)
quote_ident(text) text = pg_quote_ident({0})
quote_literal(text) text = pg_quote_literal({0})
quote_nullable(text) text = coalesce(pg_quote_literal({0}), 'NULL')
unistr(text) text = pg_unistr({0})
normalize(text) text = nfc_normalize({0})
normalize(text, text) text = pg_normalize({0}, {1})
parse_ident(text) text[] = pg_parse_ident({0}, true)
parse_ident(text, bool) text[] = pg_parse_ident({0}, {1})
gen_random_uuid() uuid
uuid_generate_v4() uuid = gen_random_uuid()
uuidv4() uuid = gen_random_uuid()
uuidv7() uuid
uuid_extract_version(uuid) int2 = pg_uuid_version({0})
uuid_extract_timestamp(uuid) timestamptz = pg_uuid_time({0})
"""

MACROS = r"""
pg_lower(x) AS CASE WHEN strlen(x) = length(x) THEN lower(x) ELSE pg_lower_text(x) END

pg_upper(x) AS CASE WHEN strlen(x) = length(x) THEN upper(x) ELSE pg_upper_text(x) END

pg_reverse(x) AS CASE WHEN strlen(x) = length(x) THEN reverse(x) ELSE pg_reverse_text(x) END

pg_substr(x, start) AS CASE WHEN start < 1 THEN x ELSE substring(x, start) END

pg_substr_of(x, start, size) AS CASE
    WHEN size < 0 THEN CAST(error('[22011] negative substring length not allowed') AS VARCHAR)
    WHEN CAST(start AS BIGINT) + size <= 1 THEN CASE WHEN x IS NOT NULL THEN '' END
    ELSE substring(x, greatest(start, 1), CAST(start AS BIGINT) + size - greatest(start, 1)) END

pg_replace(x, old, new) AS CASE WHEN old = '' THEN CASE WHEN new IS NOT NULL THEN x END ELSE replace(x, old, new) END

pg_lpad(x, size, fill) AS CASE WHEN fill = '' THEN left(x, least(greatest(size, 0), length(x)))
    ELSE lpad(x, greatest(size, 0), fill) END

pg_rpad(x, size, fill) AS CASE WHEN fill = '' THEN left(x, least(greatest(size, 0), length(x)))
    ELSE rpad(x, greatest(size, 0), fill) END

pg_split_part(x, delimiter, number) AS CASE
    WHEN number = 0 THEN CAST(error('[22023] field position must not be zero') AS VARCHAR)
    WHEN delimiter = '' THEN CASE WHEN number IN (1, -1) THEN x WHEN x IS NOT NULL THEN '' END
    ELSE split_part(x, delimiter, number) END

pg_ascii(x) AS CASE WHEN x = '' THEN 0 ELSE CAST(unicode(x) AS INTEGER) END

pg_radix(x, bits, radix) AS CASE
    WHEN x < 0 AND bits = 32 THEN lower(to_base(CAST(x AS BIGINT) + 4294967296, radix))
    WHEN x < 0 AND radix = 16 THEN lower(hex(CAST(x AS BIGINT)))
    WHEN x < 0 AND radix = 2 THEN bin(CAST(x AS BIGINT))
    WHEN x < 0 THEN error('[0A000] the octal form of a negative bigint is not supported')
    ELSE lower(to_base(CAST(x AS BIGINT), radix)) END

pg_uuid_version(x) AS CASE WHEN regexp_matches(substring(CAST(x AS VARCHAR), 20, 1), '[89ab]')
    THEN CAST('0x' || substring(CAST(x AS VARCHAR), 15, 1) AS SMALLINT) END

pg_uuid_time(x) AS CASE
    WHEN pg_uuid_version(x) = 7 THEN CAST(make_timestamp(CAST('0x' || substring(CAST(x AS VARCHAR), 1, 8)
        || substring(CAST(x AS VARCHAR), 10, 4) AS BIGINT) * 1000) AS TIMESTAMPTZ)
    WHEN pg_uuid_version(x) = 1 THEN CAST(error('[0A000] the time of a uuid of version 1 is not supported')
        AS TIMESTAMPTZ) END
"""
