"""SQL macros for the catalogues' functions; installed with the dialect's own."""

from __future__ import annotations

from helios_magic.engine.dialect.pgcatalog.names import RESERVED

_WORDS = ", ".join(f"'{word}'" for word in sorted(RESERVED))

TEXT = rf"""
pg_typed(shown, kind, modifier) AS CASE
    WHEN modifier IS NULL AND kind = 1042 THEN 'character'
    WHEN kind = 1042 AND modifier = -1 THEN 'bpchar'
    WHEN modifier IS NULL OR modifier < 0 THEN shown
    WHEN kind IN (1042, 1043, 1014, 1015) AND modifier >= 4
    THEN regexp_replace(shown, '(\[\])?$', '(' || (modifier - 4) || ')\1')
    WHEN kind IN (1700, 1231) AND modifier >= 4
    THEN regexp_replace(shown, '(\[\])?$', '(' || ((modifier - 4) >> 16) || ',' || ((modifier - 4) & 65535) || ')\1')
    WHEN kind IN (1083, 1114, 1184) THEN regexp_replace(shown, '^(\w+)', '\1(' || modifier || ')')
    WHEN kind IN (16000, 16001) THEN regexp_replace(shown, '(\[\])?$', '(' || modifier || ')\1')
    ELSE shown END

pg_half(x) AS (x + CASE WHEN x < 0 THEN -1 ELSE 1 END) // 2

pg_pretty(x) AS CASE
    WHEN abs(x) < 10240 THEN x || ' bytes'
    WHEN abs(x // 512) < 20479 THEN pg_half(x // 512) || ' kB'
    WHEN abs(x // 524288) < 20479 THEN pg_half(x // 524288) || ' MB'
    WHEN abs(x // 536870912) < 20479 THEN pg_half(x // 536870912) || ' GB'
    WHEN abs(x // 549755813888) < 20479 THEN pg_half(x // 549755813888) || ' TB'
    ELSE pg_half(x // 562949953421312) || ' PB' END

pg_quote_ident(x) AS CASE
    WHEN regexp_full_match(x, '[a-z_][a-z0-9_]*') AND x NOT IN ({_WORDS}) THEN x
    ELSE '"' || replace(x, '"', '""') || '"' END
"""
