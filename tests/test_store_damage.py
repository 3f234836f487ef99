"""An index that is damaged, or of another model or version, is refused, and building again mends it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from indexes import corpus as corpus
from indexes import generation, rebuild, refusal
from indexes import index_dir as index_dir
from indexes import sound_index as sound_index

from index import store
from index.errors import IndexCorruptError, IndexMismatchError, IndexMissingError
from index.store import missing_index, open_index

FILES = ["chunks.sqlite", "vectors.faiss", "lexical/vocab.index.json", "lexical/data.csc.index.npy"]


def change_manifest(index_dir: Path, change: Callable[[dict[str, object]], object]) -> None:
    path = generation(index_dir) / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


# --- damage ----------------------------------------------------------------------------------------------


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("damage", [truncate, empty, alter, Path.unlink])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_refused_by_its_name(
    index_dir: Path, name: str, damage: Callable[[Path], None]
) -> None:
    damage(generation(index_dir) / name)
    assert name in refusal(index_dir, IndexCorruptError)


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: truncate(generation(d) / "manifest.json"),
        lambda d: empty(generation(d) / "manifest.json"),
        lambda d: (generation(d) / "manifest.json").unlink(),
        lambda d: (generation(d) / "manifest.json").write_bytes(b"\xff\xfe"),
        lambda d: change_manifest(d, lambda manifest: manifest.pop("embedder")),
        lambda d: shutil.rmtree(generation(d)),
        lambda d: (d / "CURRENT").write_text("generation-000099\n"),
        lambda d: (d / "CURRENT").write_text(""),
        lambda d: (d / "CURRENT").write_text("../elsewhere"),
        lambda d: (d / "CURRENT").write_bytes(b"\xff\xff"),
        lambda d: truncate(generation(d) / "vectors.faiss"),
        lambda d: alter(generation(d) / "chunks.sqlite"),
    ],
    ids=[
        "manifest truncated",
        "manifest empty",
        "manifest missing",
        "manifest not text",
        "manifest without embedder",
        "generation missing",
        "CURRENT names nothing",
        "CURRENT empty",
        "CURRENT leads elsewhere",
        "CURRENT not text",
        "vectors truncated",
        "tables altered",
    ],
)
def test_a_damaged_index_is_refused_and_building_again_mends_it(
    index_dir: Path, corpus: Path, damage: Callable[[Path], object]
) -> None:
    damage(index_dir)
    refusal(index_dir, IndexCorruptError)
    rebuild(index_dir, corpus)
    opened = open_index(index_dir)
    assert opened.manifest.documents == 2
    opened.close()


@pytest.mark.parametrize("name", FILES)
def test_building_never_takes_over_damage_from_an_index_too_large_to_be_hashed_at_opening(
    index_dir: Path, sound_index: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(store, "_HASHED_AT_OPENING", 0)
    alter(generation(index_dir) / name)
    rebuild(index_dir, corpus)
    opened, original = open_index(index_dir), open_index(sound_index)
    assert opened.folder.name != original.folder.name
    assert opened.tables.chunks() == original.tables.chunks()
    assert np.array_equal(opened.vectors.all_vectors(), original.vectors.all_vectors())
    opened.close()
    original.close()


def test_a_folder_without_an_index_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    message = refusal(tmp_path / "nowhere", IndexMissingError)
    assert message == str(missing_index(tmp_path / "nowhere"))
    (tmp_path / "a file").write_text("", encoding="utf-8")
    refusal(tmp_path / "a file", IndexMissingError)


# --- another model, another version ----------------------------------------------------------------------


def test_another_embedder_is_refused_and_both_are_named(small_index: Path) -> None:
    with pytest.raises(IndexMismatchError) as caught:
        open_index(small_index, embedder="bge-small", fingerprint="bge-1")
    message = str(caught.value)
    assert "built with the embedder fake, not bge-small" in message
    assert "`--embedder fake`" in message
    assert f"`rag index PATH --index {small_index} --embedder bge-small`" in message
    assert "\n" not in message


def test_another_version_of_the_same_embedder_is_refused_as_that(small_index: Path) -> None:
    with pytest.raises(IndexMismatchError, match="another version of fake; rebuild with `rag index PATH"):
        open_index(small_index, embedder="fake", fingerprint="fake-2")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda manifest: manifest.update(format=99), "has format 99, this program reads"),
        (lambda manifest: manifest["text"].update(cleaning=99), "another version of this program"),
        (lambda manifest: manifest["text"].update(tokenizer="words"), "another version of this program"),
    ],
)
def test_an_index_of_another_version_is_refused_and_building_again_mends_it(
    index_dir: Path, corpus: Path, change: Callable[[dict[str, object]], object], says: str
) -> None:
    change_manifest(index_dir, change)
    assert says in refusal(index_dir, IndexMismatchError)
    report = rebuild(index_dir, corpus)
    assert report.written
    assert report.embedded == 0, "the vectors of texts that are the same are worth keeping"
    open_index(index_dir).close()


def test_an_index_from_before_documents_could_be_excluded_opens_and_is_up_to_date(
    index_dir: Path, corpus: Path
) -> None:
    change_manifest(index_dir, lambda manifest: manifest.pop("excluded"))
    index = open_index(index_dir, embedder="fake", fingerprint="fake-1")
    assert index.manifest.excluded == ()
    index.close()
    before = generation(index_dir)
    rebuild(index_dir, corpus)
    assert generation(index_dir) == before
