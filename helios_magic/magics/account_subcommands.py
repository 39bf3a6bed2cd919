"""Where you are connected, and as whom."""

from __future__ import annotations

from helios_magic.magics.subcommand import BRANCH, Argument, Option, Subcommand

TIERS = ("free", "developer", "team", "enterprise")
_DATABASE = Option("--database", "The database to use.", placeholder="NAME", completes="database")
_AT = Option(
    "--at",
    "Where: a server's address or a profile; without it where you are connected.",
    placeholder="TARGET",
    completes="target",
)
_PASSWORD_ENV = Option(
    "--password-env",
    "The environment variable that holds the password; without it a box asks.",
    placeholder="NAME",
    completes="variable",
)
_PROFILES = (
    "A profile is a table in the configuration file (helios doctor says where): [profiles.work], and in it "
    'target = "https://…", and as needed token_env, database, branch.'
)

CONNECTING: tuple[Subcommand, ...] = (
    Subcommand(
        "connect",
        "Connect to a HeliosDB: local, :memory:, a store's folder, https://… or a profile.",
        (
            Argument(
                "target",
                "Where to; your local store without it.",
                required=False,
                completes="target",
                shown="TARGET|PROFILE",
            ),
        ),
        (
            Option(
                "--token-env",
                "The environment variable that holds the token.",
                placeholder="NAME",
                completes="variable",
            ),
            _DATABASE,
            BRANCH,
        ),
        example="%helios connect https://api.heliosdb.io --token-env HELIOS_TOKEN",
        notes=(_PROFILES,),
        secret="token",  # noqa: S106 - what may not stand here, not one
    ),
    Subcommand("disconnect", "End the session; the next statement connects again."),
    Subcommand("status", "Where you are connected, as whom, on which branch; what is left of limits, and how fast."),
    Subcommand(
        "databases",
        "List the databases, or make one.",
        under=(
            Subcommand(
                "databases create",
                "Make a database.",
                (Argument("name", "Its name: a to z, 0 to 9 and -."),),
                (
                    Option("--tier", "free without it.", placeholder="TIER", choices=TIERS),
                    Option("--region", "us-east-1 without it.", placeholder="REGION"),
                    Option("--use", "Go on in it.", kind="switch"),
                ),
                example="%helios databases create shop --tier developer --use",
            ),
        ),
    ),
    Subcommand(
        "use",
        "Work in another database.",
        (Argument("database", "Its name.", completes="database"),),
        example="%helios use shop",
    ),
)

ACCOUNTS: tuple[Subcommand, ...] = (
    Subcommand(
        "login",
        "Sign in with email and password; a box asks for what is missing.",
        (Argument("email", "Your address; asked for without it.", required=False),),
        (
            _AT,
            _DATABASE,
            Option("--keep", "Keep the token in the system's keyring for later sessions.", kind="switch"),
            _PASSWORD_ENV,
        ),
        example="%helios login ada@example.com --at https://api.heliosdb.io",
        notes=("The password is never part of a cell; what is typed into the box is kept nowhere.",),
        secret="password",  # noqa: S106
    ),
    Subcommand("logout", "End the sign-in here and at the server: its token is no longer good."),
    Subcommand("whoami", "As whom you are here, and until when."),
    Subcommand(
        "signup",
        "Make an account; a box asks for the password.",
        (Argument("email", "Its address; asked for without it.", required=False),),
        (_AT, _PASSWORD_ENV),
        example="%helios signup ada@example.com",
        secret="password",  # noqa: S106
    ),
)
