"""What was asked for, once arguments, profile and settings are taken together."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path

from helios_magic.errors import UsageError
from helios_magic.session.places import Account
from helios_magic.settings import Profile, Secret, config_path, look_up, profiles, resolve


@dataclass(frozen=True, slots=True)
class Wanted:
    """A target with what goes with it.  `token` is None where no argument and no profile gave one.

    `target` is what the user named, `place` what it stands for: the same, or what the profile of that name says.
    `chosen` says whether anybody named the database.
    """

    target: str
    place: str
    token: Secret | None
    account: Account | None
    database: str
    branch: str
    chosen: bool


def wanted(
    target: str | os.PathLike[str] | None,
    token: Secret | None,
    database: str | None,
    branch: str | None,
    *,
    signing_in: bool = False,
) -> Wanted:
    """An argument comes before the profile, the profile before the other settings; who signs in needs no token.

    Raises UsageError for a value that cannot be understood, and for a name that is nearly a profile's.
    """
    named = str(resolve("target", None if target is None else os.fspath(target)))
    profile = _profile(named)
    place = profile.target if profile is not None else named
    account = None if token is None else Account("argument")
    if token is None and profile is not None and not signing_in:
        token = profile.token or _from_environment(profile)
        account = None if token is None else Account("profile", variable=profile.token_env)
    found = look_up("database", database or (profile and profile.database))
    return Wanted(
        named, place, token, account, str(found.value), str(resolve("branch", branch or (profile and profile.branch))),
        found.source != "default",
    )  # fmt: skip


def is_address(place: str) -> bool:
    """Whether a target is a server's address, and no store of this machine."""
    return place.partition(":")[0].lower() in {"http", "https"}


def _profile(named: str) -> Profile | None:
    if named in {"local", ":memory:"} or "/" in named or os.sep in named:
        return None
    known = profiles()
    if named in known:
        return known[named]
    near = difflib.get_close_matches(named, known, n=1, cutoff=0.7)
    if near and not Path(named).exists():
        raise UsageError(
            f"There is no profile “{named}” in {config_path()}.",
            hint=f"Did you mean {near[0]}? For a folder of that name write .{os.sep}{named}.",
        )
    return None


def _from_environment(profile: Profile) -> Secret | None:
    if profile.token_env is None:
        return None
    text = os.environ.get(profile.token_env)
    if not text:
        raise UsageError(
            f"The profile {profile.name} takes its token from {profile.token_env}, which is not set.",
            hint=f"Set it before Python starts: export {profile.token_env}=…",
        )
    return Secret(text)
