"""Databases to make code of: a small shop, and one of everything that could go wrong."""

from __future__ import annotations

SHOP = (
    "CREATE TYPE order_status AS ENUM ('pending', 'paid', 'sent back')",
    """CREATE TABLE users (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        email text NOT NULL UNIQUE,
        created_at timestamptz NOT NULL DEFAULT now(),
        score float8
    )""",
    """CREATE TABLE products (
        id bigserial PRIMARY KEY,
        name varchar(200) NOT NULL,
        price numeric(10,2) NOT NULL CHECK (price >= 0),
        tags text[],
        attributes jsonb
    )""",
    """CREATE TABLE orders (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL REFERENCES users(id),
        total numeric(10,2) NOT NULL DEFAULT 0,
        status order_status NOT NULL DEFAULT 'pending',
        placed_on date
    )""",
    """CREATE TABLE order_items (
        order_id uuid NOT NULL REFERENCES orders(id),
        product_id bigint NOT NULL REFERENCES products(id),
        quantity int NOT NULL DEFAULT 1,
        PRIMARY KEY (order_id, product_id)
    )""",
)
SHOP_TABLES = ("users", "products", "orders", "order_items")

_WIDE = ", ".join(f"column_{number} {('int8', 'text', 'numeric(12,3)')[number % 3]}" for number in range(199))
#: Every type there is, as a column, as a column that is there always, and as an array.
_TYPES = (
    "bool", "int2", "int4", "int8", "numeric", "numeric(10,2)", "float4", "float8", "text", "varchar(5)", "char(3)",
    "date", "time", "timestamp", "timestamptz", "interval", "uuid", "bytea", "json", "jsonb", "\"mood's\"",
    "timestamp(0)", "time(3)", "varchar", "name",
)  # fmt: skip
_EVERY = ", ".join(
    f"t{number} {kind}, n{number} {kind} NOT NULL, a{number} {kind}[]" for number, kind in enumerate(_TYPES)
)

HOSTILE = (
    """CREATE TYPE "mood's" AS ENUM
        ('sad', 'so so', 'so_so', 'very "happy"', '🙂', 'class', '1st', '', 'a\\b', '$x')""",
    (f"CREATE TABLE every_type (id int8 PRIMARY KEY GENERATED ALWAYS AS IDENTITY, {_EVERY}, v vector(3), "
    "deep int4[][], twice int4 GENERATED ALWAYS AS (n2 * 2) STORED)"),
    f"CREATE TABLE wide (id int8 PRIMARY KEY, {_WIDE})",
    # Words of every language, and names that their libraries keep.
    ('CREATE TABLE "class" (id int PRIMARY KEY, "type" text, "Self" text, "def" int, "fn" text, '
    '"func" text, "package" text, "default" text, "public" text, "object" text, "let" text, "model_config" text, '
    '"metadata" text, "json" jsonb, "copy" text, "str" text NOT NULL, "int" int, "list" int[], "uuid" uuid, '
    '"date" date, "timestamp" timestamp, "string" text, "clone" text, "getClass" text, "hashCode" text, "init" text, '
    '"_" text, "__class__" text, "None" text, "limit" int, "order" text, "offset" int, "dt" date, '
    '"Decimal" numeric)'),
    'CREATE TABLE "dates" (id int PRIMARY KEY, "date" date NOT NULL, "class" int REFERENCES "class"(id))',
    'CREATE TABLE "user" (id int PRIMARY KEY)',
    'CREATE TABLE "users" (id int PRIMARY KEY, "user" int REFERENCES "user"(id), user_id int REFERENCES "user"(id))',
    """CREATE TABLE "odd ""names""; -- */" ("full name" text PRIMARY KEY, "full-name" text, "full_name" text,
        "FullName" text, "1st" int, "🙂" text, "${x}" text, "a`b" text, "a\\b" text, "a,b" text, "-" text, "名前" text,
        "naïve" text, "*/ x" text, "''' x" text, "{{ x }}" text, "#{x}" text, "a'b" text, " " text)""",
    'CREATE TABLE "🙂" (id int PRIMARY KEY, "🙃" text)',
    "CREATE TABLE employees (id int PRIMARY KEY, boss_id int REFERENCES employees(id), name text NOT NULL)",
    "CREATE TABLE chickens (id int PRIMARY KEY, egg_id int)",
    "CREATE TABLE eggs (id int PRIMARY KEY, chicken_id int NOT NULL UNIQUE REFERENCES chickens(id))",
    "ALTER TABLE chickens ADD FOREIGN KEY (egg_id) REFERENCES eggs(id)",
    "CREATE TABLE rooms (house text, floor int, number int, PRIMARY KEY (house, floor, number))",
    ("CREATE TABLE beds (house text, floor int, number int, bed int, other_number int, PRIMARY KEY (house, floor, "
    "number, bed), FOREIGN KEY (house, floor, number) REFERENCES rooms (house, floor, number), "
    "FOREIGN KEY (house, floor, other_number) REFERENCES rooms (house, floor, number))"),
    "CREATE TABLE no_key (a int NOT NULL, b text)",
    "CREATE TABLE status (id int PRIMARY KEY, series text UNIQUE, UNIQUE (id, series))",
    "CREATE SCHEMA sales",
    "CREATE TABLE sales.users (id int PRIMARY KEY, \"the user\" int REFERENCES public.users(id))",
    "CREATE VIEW every_view AS SELECT id, t3 AS big, n11 AS day FROM every_type",
)  # fmt: skip
HOSTILE_TABLES = (
    "every_type", "wide", "class", "dates", "user", "users", 'odd "names"; -- */', "🙂", "employees", "chickens",
    "eggs", "rooms", "beds", "no_key", "status", "sales.users", "every_view",
)  # fmt: skip
#: As decisions.md lists them.
LANGUAGES = ("typescript", "python", "go", "rust", "java", "csharp", "kotlin", "swift", "prisma")
