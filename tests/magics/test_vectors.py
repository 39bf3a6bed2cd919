"""`%helios embed`, `load --embed`, `%%helios vectors search` and `%helios embeddings install`, as cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helios_magic.magics.completion import _candidates
from tests.magics.conftest import Notebook

DOCUMENTS = pd.DataFrame(
    {
        "id": [1, 2, 3, 4, 5],
        "title": ["tarfile.open", "list.sort", "auth", "empty", "none"],
        "content": [
            "Open a tar archive and extract its members",
            "Sort the list in ascending order",
            "Sign in with a password or a token <b>now</b>",
            "  ",
            None,
        ],
        "lang": ["en", "en", "en", "de", None],
    }
)


@pytest.fixture
def documents(notebook: Notebook, no_weights: Path) -> Notebook:
    """`documents`, embedded by hashing."""
    notebook["df"] = DOCUMENTS
    notebook.ok("%helios load df documents --mode create --embed content")
    return notebook


def test_a_frame_is_loaded_and_a_column_embedded(documents: Notebook) -> None:
    told = documents.ok("%helios load df documents --embed content").text
    assert told.startswith("5 rows loaded into documents\n")
    assert "3 rows of documents.content embedded · by hashing-v1, which only knows words, 1536 numbers each" in told
    kept = documents.ok("%helios sql SELECT id, embedding FROM documents ORDER BY id, embedding IS NULL").value
    assert kept["embedding"].notna().tolist() == [True] * 6 + [False] * 4


def test_what_was_stopped_goes_on(documents: Notebook) -> None:
    documents.ok("%helios sql UPDATE documents SET embedding = NULL WHERE id = 2")
    assert documents.ok("%helios embed documents.content").text.startswith("1 row of documents.content embedded")
    assert documents.ok("%helios embed documents.content").text.startswith("0 rows of documents.content embedded")
    assert documents.ok("%helios embed documents.content --again").text.startswith("3 rows of documents.content")


def test_spaces_are_not_mixed(documents: Notebook, weights_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOS_MODELS", str(weights_folder.parent))
    documents.ok("%helios sql INSERT INTO documents (id, content) VALUES (9, 'another text')")
    refused = documents.fails("%helios embed documents.content").printed
    assert "are of hashing-v1 (1536), not of all-MiniLM-L6-v2 (1536)" in refused
    documents.ok("%helios embed documents.content --again")
    found = documents.ok("%%helios vectors search documents.embedding --limit 1\nunpack a compressed file")
    assert found.value["title"].tolist() == ["tarfile.open"]
    assert "hashed words" not in found.text
    # Another column beside it, of another model.
    documents.ok("%helios embed documents.content --into short --model all-MiniLM-L6-v2")
    short = documents.ok("%%helios vectors search documents.short --limit 1\nunpack a compressed file").value
    assert abs(short["similarity"][0] - found.value["similarity"][0]) < 1e-6


def test_a_search_is_a_frame_with_bars(documents: Notebook) -> None:
    found = documents.ok("%%helios vectors search documents.embedding --limit 2\n\nopen a tar archive\n")
    assert found.value.columns.tolist() == ["similarity", "id", "title", "content", "lang"]
    assert found.value["title"][0] == "tarfile.open"
    assert found.value["similarity"].is_monotonic_decreasing
    first, *rest = found.text.split("\n")
    assert first == "documents.embedding: open a tar archive"
    assert rest[0].startswith(f"  {found.value['similarity'][0]:5.2f}  ███")
    assert "These vectors are hashed words" in found.text
    assert 'role="meter"' in found.html
    assert "<b>now</b>" not in found.html
    with_mark = documents.ok("%%helios vectors search documents.embedding --threshold 0.1\nopen a tar archive").html
    assert '<u style="left:10.0%">' in with_mark


def test_nothing_above_the_threshold_is_explained(documents: Notebook) -> None:
    found = documents.ok("%%helios vectors search documents.embedding --threshold 0.99\nopen a tar archive")
    assert found.value.empty
    assert "Nothing is at 0.99 or above." in found.text
    best = documents.ok("%%helios vectors search documents.embedding --limit 1\nopen a tar archive").value
    assert f"The closest is at {best['similarity'][0]:.2f}. Write --threshold" in found.html


def test_no_row_has_a_vector(notebook: Notebook, no_weights: Path) -> None:
    notebook.ok("%helios sql CREATE TABLE d (t text, embedding vector(1536))")
    found = notebook.ok("%%helios vectors search d.embedding\nquestion")
    assert "No row has a vector to compare with." in found.text
    assert "%helios embed d.COLUMN" in found.text


def test_conditions_come_before_the_search(documents: Notebook) -> None:
    documents["least"] = 2
    search = "%%helios vectors search documents.embedding --columns id --where "
    question = "\nopen a tar archive"
    for written, ids in (
        ("\"lang = 'en' AND id >= :least\"", [2, 3]),
        ('"id IN (1, 3)"', [1, 3]),
        ('"NOT id BETWEEN 2 AND 9 OR 3 = id"', [1, 3]),
        ("\"title LIKE 'tar%' OR lang IS NULL\"", [1]),
    ):
        assert sorted(documents.ok(search + written + question).value["id"]) == ids
    assert "cannot stand in the condition" in documents.fails(f'{search}"length(title) > 3"{question}').printed
    assert "is no condition" in documents.fails(f'{search}"id >"{question}').printed
    assert "No variable is called “most”" in documents.fails(f'{search}"id > :most"{question}').printed


def test_texts_become_an_array(notebook: Notebook, no_weights: Path) -> None:
    made = notebook.ok('%helios embed "how do people sign in" --model hashing-v1')
    assert made.printed.startswith("1 text by hashing-v1, which only knows words, 1536 numbers each")
    assert made.value.shape == (1, 1536)
    assert made.value.dtype == np.float32
    notebook["texts"] = DOCUMENTS["content"][:3]
    assert notebook.ok("%helios embed texts").value.shape == (3, 1536)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%helios embed documents.contnt", "Did you mean content?"),
        ("%helios embed nothing", "“nothing” is no variable, and no column of a table on this branch."),
        ("%helios embed df", "a text, or a list or column of texts can be embedded"),
        ("%helios embed documents.content --model minilm", "no embedding model is named “minilm”"),
        ("%helios embed documents.content --into title", "documents.title is text, not vector(n)."),
        ("%helios load df documents --embed contnt", "“df” has no column “contnt”."),
        ("%helios load df documents --into other", "--into belongs to --embed."),
        ("%helios vectors search documents.embedding", "needs a question on the lines below it"),
        ("%%helios vectors search documents.embedding --threshold high\nx", "--threshold is a number, not “high”."),
        ("%%helios vectors search documents\nx", "“documents” names no column of a table."),
        ("%%helios vectors search documents.title\nx", "has the type text, not vector(n)"),
        ("%%helios vectors search nowhere.embedding\nx", "nowhere"),
        ("%%helios vectors search documents.embedding --limit 0\nx", "limit"),
    ],
)
def test_what_cannot_be_done_is_told(documents: Notebook, cell: str, said: str) -> None:
    assert said in documents.fails(cell).printed


def test_installing_says_what_it_does(notebook: Notebook, weights_folder: Path) -> None:
    assert "is installed already" in notebook.ok("%helios embeddings install").printed
    assert "%helios embeddings install" in notebook.ok("%helios embeddings").printed


def test_installing_without_an_index_is_an_error(
    notebook: Notebook, no_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    told = notebook.fails("%helios embeddings install").printed
    assert "without its dependencies" in told
    assert "pip could not fetch" in told


def test_completion_offers_columns_of_vectors() -> None:
    def known(kind: str) -> list[str]:
        return {"vector": ["documents.embedding"], "column": ["documents.content"]}.get(kind, [])

    assert ("search", "subcommand") in _candidates(["vectors"], "", known)
    assert _candidates(["vectors", "search"], "doc", known) == [("documents.embedding", "vector")]
    assert _candidates(["embed"], "doc", known) == [("documents.content", "column")]
    assert ("--threshold", "option") in _candidates(["vectors", "search", "documents.embedding"], "--t", known)


def test_help_tells_them(notebook: Notebook) -> None:
    page = notebook.ok("%helios help vectors search").printed
    assert "%%helios vectors search TABLE.COLUMN" in page
    assert "--where CONDITION" in page
