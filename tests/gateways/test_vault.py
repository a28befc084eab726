"""Sealed files: come back as they were, or not at all."""

import os
import time
from datetime import timedelta

import pytest

from mygas import clock
from mygas.gateways import Vault
from mygas.gateways.vault import CHUNK, TAG, Spoiled

REF, OTHER = "a" * 22, "b" * 22


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "scans")


def path(vault, ref=REF):
    return vault.folder / ref


def files(vault):
    return sorted(one.name for one in vault.folder.iterdir())


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7])
def test_comes_back(vault, size):
    data = os.urandom(size)
    key = vault.put(REF, data)
    assert vault.read(REF, key) == data
    assert [len(chunk) for chunk in vault.get(REF, key)][:-1] == [CHUNK] * max(0, (size - 1) // CHUNK)


def test_keeps_a_document_under_a_fresh_name(vault):
    class Picture:
        data = b"\xff\xd8\xff a passport"

    (first, key), (second, other_key) = vault.keep(Picture()), vault.keep(Picture())
    assert first != second and key != other_key
    assert vault.read(first, key) == Picture.data


def test_nothing_of_it_can_be_read_on_the_disk(vault):
    vault.put(REF, b"\xff\xd8\xff\xe0 JFIF a passport" * 100)
    raw = path(vault).read_bytes()
    assert b"passport" not in raw and b"\xff\xd8\xff\xe0" not in raw
    assert path(vault).stat().st_mode & 0o777 == 0o600
    assert vault.folder.stat().st_mode & 0o777 == 0o700
    assert files(vault) == [REF]


@pytest.mark.parametrize("place", [0, CHUNK // 2, CHUNK + TAG - 1, CHUNK + TAG, -1])
def test_a_flipped_bit(vault, place):
    key = vault.put(REF, os.urandom(2 * CHUNK + 5))
    raw = bytearray(path(vault).read_bytes())
    raw[place] ^= 1
    path(vault).write_bytes(raw)
    with pytest.raises(Spoiled):
        vault.read(REF, key)


@pytest.mark.parametrize("left", [0, 1, CHUNK, CHUNK + TAG, 2 * (CHUNK + TAG), 2 * (CHUNK + TAG) + 20])
def test_a_truncated_file(vault, left):
    key = vault.put(REF, os.urandom(2 * CHUNK + 5))
    path(vault).write_bytes(path(vault).read_bytes()[:left])
    with pytest.raises(Spoiled):
        vault.read(REF, key)


def test_chunks_swapped_repeated_or_added(vault):
    key = vault.put(REF, os.urandom(3 * CHUNK))
    raw = path(vault).read_bytes()
    one, two, three = (raw[start : start + CHUNK + TAG] for start in range(0, len(raw), CHUNK + TAG))
    for forged in (two + one + three, one + three, one + one + three, raw + three, one + two):
        path(vault).write_bytes(forged)
        with pytest.raises(Spoiled):
            vault.read(REF, key)


def test_another_files_key_or_name(vault):
    key, other = vault.put(REF, b"mine"), vault.put(OTHER, b"yours")
    with pytest.raises(Spoiled):
        vault.read(REF, other)
    path(vault, OTHER).write_bytes(path(vault).read_bytes())
    with pytest.raises(Spoiled):
        vault.read(OTHER, key)


def test_destroyed(vault):
    key = vault.put(REF, b"mine")
    vault.destroy(REF)
    vault.destroy(REF)
    with pytest.raises(Spoiled):
        vault.read(REF, key)
    assert files(vault) == []


@pytest.mark.parametrize("ref", ["../../etc/passwd", "", "a" * 21, "a" * 23, "/" + "a" * 21, "a" * 20 + "/.", "a" * 21 + "\n"])
def test_names_lead_nowhere_else(vault, ref):
    for use in (vault.destroy, lambda name: vault.put(name, b""), lambda name: vault.read(name, b"k" * 32)):
        with pytest.raises((ValueError, Spoiled)):
            use(ref)
    assert not vault.folder.exists()


def test_a_half_written_file_is_found_and_taken_away(vault):
    assert vault.older_than(clock.now()) == []
    vault.put(REF, b"whole")
    (vault.folder / f"{OTHER}.part").write_bytes(b"half")
    (vault.folder / "notes.txt").write_bytes(b"not ours")
    assert vault.older_than(clock.now() - timedelta(hours=1)) == []
    old = time.time() - 7200
    for name in files(vault):
        os.utime(vault.folder / name, (old, old))
    assert vault.older_than(clock.now() - timedelta(hours=1)) == [REF, OTHER]
    vault.destroy(OTHER)
    assert files(vault) == [REF, "notes.txt"]
