"""Sealed files: each under a key of its own that this room never keeps (promises.md §6.6).

A file is its data in chunks of 1 MiB, each sealed by AES-256-GCM. The nonce is the chunk's number, for a key seals one file
only; the name of the file, the number and «this is the last one» are bound into each, so that chunks can be neither
swapped, nor left out, nor taken from another file.
"""

import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 1024 * 1024  # bytes
TAG = 16
_REF = re.compile(r"[A-Za-z0-9_-]{22}")


class Spoiled(Exception):
    """The file is not there, or not as it was sealed, or the key is not its own."""


class Document(Protocol):
    """What may be kept."""

    @property
    def data(self) -> bytes: ...


@dataclass(frozen=True)
class Vault:
    """Files in `folder`, made when the first one comes. A `ref` is 22 letters, digits, `-` and `_`: random, never used again."""

    folder: Path

    def keep(self, document: Document) -> tuple[str, bytes]:
        """Seal a document under a fresh ref; returns the ref and the file's key, which the caller seals into its own row."""
        ref = secrets.token_urlsafe(16)
        return ref, self.put(ref, document.data)

    def put(self, ref: str, data: bytes) -> bytes:
        """Write the file whole or not at all; it is on the disk when this returns. Returns its key, 32 random bytes."""
        path, key = self._path(ref), secrets.token_bytes(32)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(f"{ref}.part")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - the mode at birth
            cipher, starts = AESGCM(key), range(0, len(data) or 1, CHUNK)
            for index, start in enumerate(starts):
                last = start == starts[-1]
                file.write(cipher.encrypt(_nonce(index), data[start : start + CHUNK], _about(ref, index, last)))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        self._sync_folder()
        return key

    def read(self, ref: str, key: bytes) -> bytes:
        """The whole file again, once all of it is known to be right. Raises Spoiled."""
        return b"".join(self.get(ref, key))

    def get(self, ref: str, key: bytes) -> Iterator[bytes]:
        """The file chunk by chunk. Raises Spoiled, perhaps after some chunks: do not show what came before the end."""
        try:
            with self._path(ref).open("rb") as file:
                cipher, index, sealed = AESGCM(key), 0, file.read(CHUNK + TAG)
                while True:
                    following = file.read(CHUNK + TAG)
                    yield cipher.decrypt(_nonce(index), sealed, _about(ref, index, not following))
                    if not following:
                        return
                    index, sealed = index + 1, following
        except (InvalidTag, ValueError, FileNotFoundError) as error:
            raise Spoiled(f"{ref}: {type(error).__name__}") from error

    def destroy(self, ref: str) -> None:
        """Take the file away; no harm when it is gone already. Without its key what is left on the disk is noise."""
        for path in (self._path(ref), self._path(ref).with_name(f"{ref}.part")):
            path.unlink(missing_ok=True)
        if self.folder.exists():
            self._sync_folder()

    def older_than(self, moment: datetime) -> list[str]:
        """Refs of files last written before the moment: among them are those whose row never came."""
        ours = [path for path in self.folder.glob("*") if _REF.fullmatch(path.stem)]
        return sorted({path.stem for path in ours if datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment})

    def refs(self) -> list[str]:
        """Refs of the files that are whole."""
        return sorted(path.name for path in self.folder.glob("*") if _REF.fullmatch(path.name))

    def _path(self, ref: str) -> Path:
        if not _REF.fullmatch(ref):
            raise ValueError("not the name of a sealed file")
        return self.folder / ref

    def _sync_folder(self) -> None:
        """A rename or removal is on the disk only when its folder is."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _nonce(index: int) -> bytes:
    return index.to_bytes(12)


def _about(ref: str, index: int, last: bool) -> bytes:
    return f"{ref}/{index}/{'last' if last else 'more'}".encode()
