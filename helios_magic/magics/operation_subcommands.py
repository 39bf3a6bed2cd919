"""What was used, how fast it was, and who is told of what happens."""

from __future__ import annotations

from helios_magic.magics.subcommand import Argument, Option, Subcommand

EVENTS = (
    "database.created",
    "database.deleted",
    "branch.created",
    "branch.merged",
    "branch.deleted",
    "query.slow",
    "usage.threshold",
)
_WEBHOOK = Argument(
    "webhook",
    "Its id, or a variable that holds what create returned; the only one there is without it.",
    required=False,
    completes="webhook",
    shown="ID",
)

OPERATIONS: tuple[Subcommand, ...] = (
    Subcommand(
        "metrics",
        "What was used, and how fast queries were; the value is a DataFrame.",
        example="%helios metrics performance --period 1h",
        under=(
            Subcommand(
                "metrics usage",
                "This month's use, and what is left of each limit.",
                example="usage = %helios metrics usage",
            ),
            Subcommand(
                "metrics performance",
                "Latency over a period, step by step, and the slowest queries.",
                (),
                (Option("--period", "24h without it.", placeholder="PERIOD", choices=("1h", "24h", "7d", "30d")),),
                example="%helios metrics performance --period 7d",
            ),
        ),
    ),
    Subcommand(
        "webhooks",
        "Who is told of what happens: list, make, test and delete webhooks.",
        example="%helios webhooks create https://example.com/hook --event branch.merged",
        under=(
            Subcommand("webhooks list", "The webhooks, and what they are told of."),
            Subcommand(
                "webhooks create",
                "Have a URL told of events, signed with a secret; a box asks for it.",
                (
                    Argument(
                        "url",
                        "Where to, or a variable that says it; https, or http on this machine from your own server.",
                    ),
                ),
                (
                    Option(
                        "--event",
                        "What to tell it of; all without it. May be repeated.",
                        placeholder="EVENT",
                        choices=EVENTS,
                        field="events",
                        many=True,
                    ),
                    Option(
                        "--secret-env",
                        "The environment variable that holds the signing secret; without it a box asks.",
                        placeholder="NAME",
                        completes="variable",
                    ),
                ),
                example="hook = %helios webhooks create https://example.com/hook --event branch.merged",
                notes=("The receiver checks the signature by the Standard Webhooks headers (standardwebhooks.com).",),
                secret="secret",  # noqa: S106 - what may not stand here, not one
            ),
            Subcommand(
                "webhooks delete", "Tell it no more; what was on its way is forgotten.", (_WEBHOOK,), example=""
            ),
            Subcommand(
                "webhooks deliveries",
                "What was sent, newest first, and what the receiver answered; the value is a DataFrame.",
                (_WEBHOOK,),
                example="%helios webhooks deliveries",
            ),
            Subcommand(
                "webhooks test", "Send it a webhook.test now, and say what it answered.", (_WEBHOOK,), example=""
            ),
        ),
    ),
)
