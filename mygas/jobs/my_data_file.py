"""The archive itself: data.json, tables, papers and a README, written row by row in the same memory however much there is."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from mygas import spreadsheets
from mygas.domain.my_data_accounts import PARTS
from mygas.domain.my_data_parts import Part, Whose

FORMAT = 1
_MOSCOW = ZoneInfo("Europe/Moscow")
_ABOUT = """Мой газ: данные личного кабинета {login}
Собрано {at} (московское время).

data.json — всё, что портал хранит о Вас, для программ: UTF-8, списки по частям, названные ниже.
  Деньги — целые копейки (…_kop), объёмы — целые тысячные м³ (…_milli), моменты — ISO 8601, UTC.
*.csv — часть того же таблицами для Excel и LibreOffice: UTF-8, точка с запятой, рубли и м³, время московское.
  Апостроф в начале ячейки поставлен нарочно, чтобы программа не приняла текст за формулу.
consents/ — Ваши согласия. receipts/ — готовые квитанции (без тех, на которых напечатан ПИН-код).

Чего здесь нет: пароля (портал его не знает), кодов, ключей сеансов, ПИН-кодов, сведений о других людях.
О лицевом счёте здесь столько же, сколько сейчас открыто Вам на страницах.

Части data.json
"""


def write(file: BinaryIO, whose: Whose, papers: Iterable[tuple[str, bytes]], at: datetime) -> None:
    """The whole archive of that owner, made `at` that moment."""
    with ZipFile(file, "w") as archive:
        _put(archive, "README.txt", at, [_readme(whose, at).encode("utf-8-sig")])
        _put(archive, "data.json", at, _json(whose, at))
        for part in PARTS:
            if part.table:
                _put(archive, f"{part.name}.csv", at, spreadsheets.lines(_table(part, whose)))
        for name, data in papers:
            _put(archive, name, at, [data])


def _put(archive: ZipFile, name: str, at: datetime, pieces: Iterable[bytes]) -> None:
    entry = ZipInfo(name, at.astimezone(_MOSCOW).timetuple()[:6])
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
    with archive.open(entry, "w", force_zip64=True) as inside:
        for piece in pieces:
            inside.write(piece)


def _json(whose: Whose, at: datetime) -> Iterator[bytes]:
    yield f'{{"format": {FORMAT}, "made_at": "{at.isoformat()}"'.encode()
    for part in PARTS:
        yield f',\n"{part.name}": ['.encode()
        between = "\n"
        for row in part.rows(whose):
            told = {name: row[name] for name in part.keys}
            yield (between + json.dumps(told, ensure_ascii=False, default=_iso)).encode()
            between = ",\n"
        yield b"]"
    yield b"}\n"


def _iso(value: date | datetime) -> str:
    """A day or a moment; anything else is no part of an archive."""
    return value.isoformat()


def _table(part: Part, whose: Whose) -> Iterator[list[spreadsheets.Cell]]:
    yield [words.removesuffix(", копеек").removesuffix(", тысячных м³") for words in part.keys.values()]
    for row in part.rows(whose):
        yield [_cell(name, row[name]) for name in part.keys]


def _cell(name: str, value: Any) -> spreadsheets.Cell:
    if value is None:
        return ""
    if name.endswith("_kop"):
        return int(value)
    if name.endswith("_milli"):
        return f"{value // 1000},{value % 1000:03d}"
    if isinstance(value, datetime):
        return f"{value.astimezone(_MOSCOW):%d.%m.%Y %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)


def _readme(whose: Whose, at: datetime) -> str:
    about = _ABOUT.format(login=whose.user.login, at=f"{at.astimezone(_MOSCOW):%d.%m.%Y %H:%M}")
    return "\r\n".join((about + "".join(map(_described, PARTS))).splitlines()) + "\r\n"


def _described(part: Part) -> str:
    table = f", {part.name}.csv" if part.table else ""
    keys = "".join(f"  {name} — {words}\n" for name, words in part.keys.items())
    return f"\n{part.name}{table}: {part.title}\n{keys}"
