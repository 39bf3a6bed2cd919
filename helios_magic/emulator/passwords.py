"""Passwords: argon2id, and the same time for an account that does not exist."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

#: OWASP's parameters for argon2id: 19 MiB, two passes, one lane.
MEMORY_KIB = 19_456
PASSES = 2


class Passwords:
    """Hashes and verifies.  `memory_kib` and `passes` are lower in tests only."""

    def __init__(self, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._memory_kib, self._passes = memory_kib, passes
        self._lock = threading.Lock()
        self._made: tuple[PasswordHasher, str] | None = None

    def hash(self, password: str) -> str:
        hasher, _ = self._hasher()
        return hasher.hash(password.encode("utf-8", "surrogatepass"))

    def verify(self, password: str, known: str | None) -> bool:
        """Whether the password belongs to the hash.  None stands for no account: always False, in the same time."""
        from argon2.exceptions import VerificationError

        hasher, dummy = self._hasher()
        try:
            hasher.verify(dummy if known is None else known, password.encode("utf-8", "surrogatepass"))
        except VerificationError:
            return False
        return known is not None

    def _hasher(self) -> tuple[PasswordHasher, str]:
        with self._lock:
            if self._made is None:
                from argon2 import PasswordHasher

                hasher = PasswordHasher(time_cost=self._passes, memory_cost=self._memory_kib, parallelism=1)
                self._made = hasher, hasher.hash(b"no account has this")
            return self._made
