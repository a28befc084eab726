"""Files that can be made again: whole or not there, their owner's alone, swept by age."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from mygas.gateways.shelf import Shelf

REF, OTHER = "a" * 22, "-_" * 11


@pytest.fixture
def shelf(tmp_path) -> Shelf:
    return Shelf(tmp_path / "papers", ".pdf")


def test_what_was_put_is_read_until_it_is_destroyed(shelf):
    assert (shelf.has(REF), shelf.read(REF), shelf.older_than(datetime.now(UTC))) == (False, None, [])
    shelf.put(REF, b"first")
    shelf.put(REF, b"second")
    assert (shelf.has(REF), shelf.read(REF)) == (True, b"second")
    assert oct((shelf.folder / f"{REF}.pdf").stat().st_mode & 0o777) == "0o600"
    shelf.destroy(REF)
    shelf.destroy(REF)
    assert not shelf.has(REF)


def test_a_writing_that_failed_leaves_nothing(shelf, monkeypatch):
    shelf.put(OTHER, b"kept")
    with monkeypatch.context() as broken, pytest.raises(OSError, match="full"):
        broken.setattr(os, "fsync", lambda _file: (_ for _ in ()).throw(OSError("full")))
        shelf.put(REF, b"half")
    assert [path.name for path in shelf.folder.iterdir()] == [f"{OTHER}.pdf"]


def test_a_writing_whose_process_died_is_swept(shelf):
    shelf.put(OTHER, b"kept")
    (shelf.folder / f"{REF}.0123abcd.part").write_bytes(b"half")
    assert not shelf.has(REF)
    assert shelf.older_than(datetime.now(UTC) + timedelta(seconds=1)) == sorted([REF, OTHER])
    assert shelf.older_than(datetime.now(UTC) - timedelta(hours=1)) == []
    shelf.destroy(REF)
    assert [path.name for path in shelf.folder.iterdir()] == [f"{OTHER}.pdf"]


@pytest.mark.parametrize("ref", ["", "../etc/passwd", "a" * 21, "a" * 23, "a" * 21 + "/", "a" * 22 + "\n"])
def test_no_other_file_is_reached(shelf, ref):
    for reach in (shelf.has, shelf.read, shelf.destroy, lambda name: shelf.put(name, b"")):
        with pytest.raises(ValueError, match="not the name"):
            reach(ref)
