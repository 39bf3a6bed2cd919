"""What must not get in, and what must not get out: every attack that the service has to withstand.

| attack | tested in |
| --- | --- |
| secrets in a kernel's messages and comms, history files, command lines, stores | `test_secrets_in_a_kernel` |
| passwords and tokens in a cell, and `%history` | `tests.magics.test_accounts`, `test_operations` |
| tokens in repr, vars, pickle, %whos, Verbose tracebacks, saved notebooks | `test_secrets_in_notebooks` |
| tokens in clients, tracebacks, DEBUG logs, settings | `tests.client.test_secrets`, `tests.session.test_settings` |
| hostile texts in names, values, errors, plans, descriptions | `test_hostile_texts`; each picture in `tests.display` |
| formula injection | there is no CSV export; the test belongs beside the first one |
| cross-origin posts, rebound hosts | `test_origins`; hosts one by one in `tests.contract.test_http` |
| other users of the machine, planted links | `test_other_users`; runtime files in `tests.local_server.test_sharing` |
| SQL that reaches out of its database | `test_sql_over_http`; DuckDB's own lock in `tests.engine.test_lock` |
| generated code from hostile identifiers | `HOSTILE` in `tests.codegen.schemas`: compiled, started and asked |
| webhooks into private networks, by redirects, names, proxies | `tests.delivery.test_addresses`, `test_sending` |
| path traversal | `test_names_as_paths` |
| large, deep and many | `test_sizes`; parsing of SQL in `tests.dialect.test_bad_input` |
| memory, temporary room, time, disk, answers, threads | `test_greed`; time and disk in `tests.engine.test_limits` |
| whatever the OpenAPI document allows, and does not | `test_schemathesis`, `schemathesis_run` |
"""
