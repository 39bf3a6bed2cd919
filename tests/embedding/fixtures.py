from __future__ import annotations

from pathlib import Path

import pytest

from helios_magic.embedding import weights
from helios_magic.embedding.minilm import MiniLM
from tests.embedding.provider import FakeProvider

SKIPPED = f"the weights of {weights.MODEL} are not installed: {weights.INSTALL}"


@pytest.fixture(scope="session")
def weights_folder() -> Path:
    place = weights.installed()
    if place is None:
        pytest.skip(SKIPPED)
    return place


@pytest.fixture(scope="session")
def minilm(weights_folder: Path) -> MiniLM:
    return MiniLM(weights_folder)


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for models where there is none."""
    monkeypatch.setenv("HELIOS_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch):
    """A provider on this machine, set as the one to ask."""
    with FakeProvider() as running:
        monkeypatch.setenv("HELIOS_EMBEDDING_URL", running.url)
        monkeypatch.setenv("HELIOS_EMBEDDING_KEY", running.key)
        monkeypatch.setenv("HELIOS_EMBEDDING_MODELS", "nomic-embed-text=768, openrouter/tiny=4")
        yield running
