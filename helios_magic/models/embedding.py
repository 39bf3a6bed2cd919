"""The embedding models that have a name here, and how long their vectors are.

Those of the settings' provider come beside them.
"""

from __future__ import annotations

from helios_magic.settings import resolve

MINILM = "all-MiniLM-L6-v2"
HASHING = "hashing-v1"
#: What runs here, and OpenAI's by the names that the reference uses.
LOCAL = {MINILM: 384, HASHING: 1536}
OPENAI = {
    "openai/text-embedding-3-small": 1536,
    "openai/text-embedding-3-large": 3072,
    "openai/text-embedding-ada-002": 1536,
}
_ALIASES = {f"sentence-transformers/{MINILM}": MINILM}


def canonical(name: str) -> str:
    """A model's one name, of those that it is known by."""
    return _ALIASES.get(name, name)


def further() -> dict[str, int]:
    """The models of the provider that the settings name; none where no provider is set."""
    named: dict[str, int] = resolve("embedding_models")
    return named if resolve("embedding_url") else {}


def lengths() -> dict[str, int]:
    """Every name that may be asked for."""
    return {**OPENAI, **LOCAL, **further()}
