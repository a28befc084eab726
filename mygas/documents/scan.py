"""Scans that people send: a photograph is drawn anew by a child process, a PDF is looked over and kept as it is.

What a file is, its bytes say, never its name. Nothing that came from outside is decoded in the process that serves pages.
"""

import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mygas.words import N_, Refused

LIMIT = 10 * 1024 * 1024  # bytes of a file as it was sent
PAGES = 10
SECONDS = 20  # for drawing a picture anew
AT_ONCE = 2
_WAIT = 20  # seconds for a free hand
_CHILD = Path(__file__).with_name("scan_child.py")
_HANDS = threading.BoundedSemaphore(AT_ONCE)


class BadScan(Refused):
    """The file is not taken; `sentence` says why and what to do, `field` is "scan"."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence, field="scan", **values)


@dataclass(frozen=True)
class CleanScan:
    """`media_type` is image/jpeg (no EXIF, no side over 2500 px) or application/pdf."""

    media_type: str
    data: bytes


def clean(stream: BinaryIO, filename: str = "") -> CleanScan:
    """The scan, fit to be kept. Reads at most 10 MiB and one byte. `filename` is not believed. Raises BadScan.

    Takes up to a second for a photograph of a telephone; call it outside of any transaction.
    """
    data = _read(stream)
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        _refuse_second_nature(data)
        return CleanScan("image/jpeg", _drawn_anew(data))
    if data.startswith(b"%PDF-"):
        _refuse_second_nature(data[5:])
        _look_over_pdf(data)
        return CleanScan("application/pdf", data)
    raise BadScan(_foreign(data))


def _read(stream: BinaryIO) -> bytes:
    """All of the stream, unless it is over the limit: then no more than one byte beyond it is asked for."""
    data = bytearray()
    while len(data) <= LIMIT and (piece := stream.read(min(1024 * 1024, LIMIT + 1 - len(data)))):
        data += piece
    if len(data) > LIMIT:
        raise BadScan(N_("Файл больше %(mib)s МБ. Снимите документ с меньшим качеством или сохраните снимок меньшего размера."),
                      mib=LIMIT // 1024 // 1024)  # fmt: skip
    if not data:
        raise BadScan(N_("Файл пустой. Выберите снимок документа ещё раз."))
    return bytes(data)


def _foreign(data: bytes) -> str:
    """What to say of a file that is none of the three kinds."""
    brand = data[4:12]
    if brand[:4] == b"ftyp" and brand[4:] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis", b"avif"):
        return N_("Это снимок в формате HEIC. Пришлите JPEG: на iPhone включите «Настройки → Камера → Форматы → Наиболее "
                  "совместимые» и снимите документ заново, либо пришлите снимок экрана с фотографией.")  # fmt: skip
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return N_("Это картинка в формате WebP. Сохраните её как JPEG или PNG либо снимите документ камерой телефона.")
    return N_("Подойдёт только снимок (JPEG или PNG) или файл PDF. Этот файл другого вида, каким бы ни было его имя.")


_SECOND = re.compile(rb"%PDF-|<!doctype|<html|<script|<svg|<\?php|PK\x03\x04", re.IGNORECASE)


def _refuse_second_nature(data: bytes) -> None:
    """A file that another program would read as something else (a page, an archive, a PDF) was made to deceive."""
    end = data.rfind(b"PK\x05\x06", -65557)  # an archive is read from its end: 22 bytes and a remark as long as they say
    archive = end >= 0 and len(data) - end == 22 + int.from_bytes(data[end + 20 : end + 22], "little")
    if archive or _SECOND.search(data, 0, 1024):
        raise BadScan(N_("В файле есть что-то кроме снимка. Снимите документ камерой телефона и пришлите этот снимок."))


def _look_over_pdf(data: bytes) -> None:
    """Refuses a PDF that nobody could open, that does things when opened, or that is a book. It is never drawn here."""
    tail = data[-1024:]
    if b"startxref" not in tail or b"%%EOF" not in tail:
        raise BadScan(N_("Файл PDF обрывается. Сохраните его ещё раз или пришлите снимок документа."))
    if re.search(rb"/Encrypt\s*(?:[0-9]+\s+[0-9]+\s+R|<<)", data):
        raise BadScan(N_("Файл PDF защищён паролем. Пришлите файл без защиты или снимок документа."))
    if re.search(rb"/(?:JavaScript|Launch|EmbeddedFiles?)\b", data):
        raise BadScan(N_("В файле PDF есть программа или вложение. Пришлите PDF без них или снимок документа."))
    if len(re.findall(rb"/Type\s*/Page\b", data)) > PAGES:
        raise BadScan(N_("В файле PDF больше %(pages)s страниц. Пришлите только страницы самого документа."), pages=PAGES)


def _drawn_anew(data: bytes) -> bytes:
    """The picture as a JPEG that holds nothing but its pixels, by a process with little memory, little time and no secrets."""
    if not _HANDS.acquire(timeout=_WAIT):
        raise BadScan(N_("Сейчас проверяется много снимков. Подождите минуту и отправьте ещё раз."))
    try:
        # The script by its path, isolated: not a module of the portal, whose import alone takes half a second.
        done = subprocess.run(  # noqa: S603 - our own script
            [sys.executable, "-I", str(_CHILD)], input=data, capture_output=True, timeout=SECONDS, env={}, cwd="/", check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BadScan(_UNREADABLE) from error
    finally:
        _HANDS.release()
    if done.returncode != 0:
        raise BadScan(_TOO_LARGE if done.returncode == 3 else _UNREADABLE)
    return done.stdout


_TOO_LARGE = N_("На снимке больше 40 миллионов точек. Сохраните его в меньшем размере или снимите документ камерой телефона.")
_UNREADABLE = N_(
    "Снимок не открывается: файл повреждён или загружен не до конца. Отправьте его ещё раз или снимите документ заново."
)
