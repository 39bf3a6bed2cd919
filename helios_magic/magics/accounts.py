"""`connect`, `disconnect`, `login`, `logout`, `whoami`, `signup`: where you are, and as whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.errors import AuthenticationError, UsageError
from helios_magic.magics import requests
from helios_magic.magics.passwords import ask_line, ask_secret, from_environment
from helios_magic.magics.workbench import Workbench

if TYPE_CHECKING:
    from helios_magic.session import Account, Session

_ANOTHER = "Or name an environment variable with a token that is good: --token-env NAME"
_EMAIL = "Write it: %helios login NAME@EXAMPLE.COM"


def connect(request: requests.Connect, workbench: Workbench) -> None:
    """Open a session elsewhere."""
    token = None if request.token_env is None else from_environment(request.token_env)
    try:
        workbench.connect(request.target, token=token, database=request.database, branch=request.branch)
    except AuthenticationError as error:
        # The server speaks of headers; in a notebook the mend is another.
        at = f" --at {request.target}" if request.target is not None else ""
        error.details["hint"] = f"Sign in: %helios login NAME@EXAMPLE.COM{at}\n{_ANOTHER}"
        raise
    if workbench.preferences.feedback:
        workbench.tell(workbench.connected_line())


def disconnect(request: requests.Disconnect, workbench: Workbench) -> None:
    """End the session."""
    from helios_magic.settings import resolve

    if not workbench.connected:
        workbench.tell("There is no session to end.")
        return
    target = workbench.session.target
    workbench.close()
    workbench.tell(f"Disconnected from {target}. The next statement connects to {resolve('target')}.")


def login(request: requests.Login, workbench: Workbench) -> None:
    """Sign in, and go on as that account."""
    email = request.email or ask_line(workbench.shell, "Email: ", mend=_EMAIL)
    password = ask_secret(
        workbench.shell, f"Password of {email}: ", request.password_env, option="--password-env"
    )  # fmt: skip
    if request.at is None and workbench.connected:
        session = workbench.session
        session.login(email, password, database=request.database, keep=request.keep)
    else:
        from helios_magic.session import sign_in

        session = sign_in(
            email, password, request.at, database=request.database, keep=request.keep, notice=workbench.tell
        )
        workbench.adopt(session)
    if workbench.preferences.feedback:
        workbench.tell(_signed_in_line(session))


def logout(request: requests.Logout, workbench: Workbench) -> None:
    """End the sign-in at the server too."""
    session = workbench.session
    account = session.account
    goes_on = session.logout()
    if not goes_on:
        workbench.close()
    who = account.email or "The account"
    ended = f"{who} is signed out; the token is no longer good."
    if account.variable is not None:
        ended = f"{ended} It is still in {account.variable}: take it out there."
    workbench.tell(f"{ended} You are the owner of this store again." if goes_on else ended)


def whoami(request: requests.Whoami, workbench: Workbench) -> None:
    """As whom this session works."""
    session = workbench.session
    workbench.tell(f"{described(session.account)}, at {session.target}.")


def signup(request: requests.Signup, workbench: Workbench) -> None:
    """Make an account."""
    email = request.email or ask_line(workbench.shell, "Email: ", mend=_EMAIL.replace("login", "signup"))
    password = ask_secret(
        workbench.shell, f"A password for {email}, 8 characters or more: ", request.password_env,
        option="--password-env",
    )  # fmt: skip
    if request.password_env is None:
        # A slip of the finger that nobody saw would lock the account.
        again = ask_secret(workbench.shell, "The same password again: ", None, option="--password-env")
        if again != password:
            raise UsageError("The two passwords differ; no account was made.", hint="Run it again.")
    if request.at is None and workbench.connected:
        made = workbench.session.client.another().signup(email, password)
    else:
        from helios_magic.session import sign_up

        made = sign_up(email, password, request.at, notice=workbench.tell)
    at = "" if request.at is None else f" --at {request.at}"
    mail = "A mail is on its way: confirm the address, then sign in" if made.verification_sent else "Sign in"
    workbench.tell(f"Made the account {made.email} ({made.user_id}). {mail}: %helios login {made.email}{at}")


def described(account: Account) -> str:
    """`ada@example.com, signed in until 30 Nov 2026`; the API has no call that would tell more."""
    if account.source == "owner":
        return "The owner of this store"
    if account.email is not None:
        until = f" until {account.expires_at:%Y-%m-%d %H:%M} UTC" if account.expires_at is not None else ""
        return f"{account.email}, signed in{until}"
    places = {
        "argument": "given to connect",
        "profile": "of the profile",
        "file": "of the configuration file",
        "keyring": "of the keyring",
        "environment": "of the environment",
    }
    place = f"in {account.variable}" if account.variable is not None else places.get(account.source, "")
    return f"Whoever the token {place} belongs to"


def _signed_in_line(session: Session) -> str:
    signed_in = f"{described(session.account)}, at {session.target}"
    names = [database.name for database in session.databases().databases]
    if not names:
        return f"{signed_in}. No database yet: %helios databases create NAME --use"
    of = f" of {len(names)}" if len(names) > 1 else ""
    return f"{signed_in}, database {session.database}{of}."
