"""The catalogues of translations: brought in step with the code, split among translators, put together again, checked.

python -m translations.messages update              # `make messages`: what the code says now; nothing is guessed
python -m translations.messages split 6 FOLDER      # what waits for a translation, in six files
python -m translations.messages merge FILE...       # put translated files back; a placeholder gone astray is refused
python -m translations.messages left                # how many wait
"""

import argparse
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGE, OWN = "en", "ru"
_EPOCH = datetime(2026, 11, 27, tzinfo=UTC)
KEYWORDS = {"N_": None, "_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "say": (1,)}
_SOURCES = (("mygas", [("**.py", "python")]), ("templates", [("**.html", "jinja2")]))
_PLACE = re.compile(r"%\([a-z_0-9]+\)[sd]|\{[a-z_0-9]+\}|%%|</?[a-z]+>|\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    deeds = parser.add_subparsers(dest="deed", required=True)
    deeds.add_parser("update")
    deeds.add_parser("left")
    splitting = deeds.add_parser("split")
    splitting.add_argument("count", type=int)
    splitting.add_argument("folder", type=Path)
    deeds.add_parser("merge").add_argument("files", type=Path, nargs="+")
    asked = parser.parse_args()
    if asked.deed == "update":
        update()
    elif asked.deed == "split":
        split(asked.count, asked.folder)
    elif asked.deed == "merge":
        return _say(merge(asked.files))
    print(f"{LANGUAGE}: {len(waiting(read(LANGUAGE)))} of {len(read(LANGUAGE))} wait for a translation")
    return 0


def extract() -> Catalog:
    """All sentences of the code and the templates, by the files they stand in."""
    found = Catalog(charset="utf-8", project="mygas", version="1.0", fuzzy=False)
    for folder, methods in _SOURCES:
        for name, _line, sentence, _comments, context in extract_from_dir(ROOT / folder, methods, keywords=KEYWORDS):
            if sentence:
                found.add(sentence, None, [(f"{folder}/{name}", 0)], context=context)
    return found


def update() -> None:
    """Bring the catalogues in step with the code. What changed waits anew: a guess is nobody's translation."""
    template = extract()
    for code in (LANGUAGE, OWN):
        catalogue = read(code)
        catalogue.update(template, no_fuzzy_matching=True)
        if code == OWN:  # Russian is what the code says; only the forms of numerals must be told
            for message in [message for message in catalogue if message.id and not message.pluralizable]:
                catalogue.delete(message.id)
        _write(code, catalogue)


def split(count: int, folder: Path) -> None:
    """Write what waits into `count` files of like length; messages of one source file stay together."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = sorted(waiting(read(LANGUAGE)), key=lambda message: message.locations[0])
    for number in range(count):
        chunk = Catalog(locale=LANGUAGE, charset="utf-8", fuzzy=False)
        for message in rows[len(rows) * number // count : len(rows) * (number + 1) // count]:
            chunk.add(message.id, None, message.locations)
        with (folder / f"part-{number + 1}.po").open("wb") as file:
            write_po(file, chunk, width=110, include_lineno=False)


def merge(files: list[Path]) -> list[str]:
    """Put translations back; returns what is wrong with those that were left out."""
    catalogue, wrong = read(LANGUAGE), []
    for path in files:
        with path.open("rb") as text:
            translated = read_po(text, locale=LANGUAGE)
        for message in translated:
            if not message.id or not done(message):
                continue
            faults = [f"{path.name}: {fault}" for fault in astray(message)]
            known = catalogue.get(message.id)
            if known is None:
                faults.append(f"{path.name}: the code does not say {message.id!r}")
            elif not faults:
                known.string = message.string
            wrong += faults
    _write(LANGUAGE, catalogue)
    return wrong


def waiting(catalogue: Catalog) -> list[Message]:
    """Messages without a translation, or with one that is a guess."""
    return [message for message in catalogue if message.id and not done(message)]


def done(message: Message) -> bool:
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(strings) and not message.fuzzy


def astray(message: Message) -> list[str]:
    """What of places, tags and ends of lines stands in the sentence and not in its translation, or the other way round."""
    sources = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    wanted = sorted(_PLACE.findall(sources[-1]))
    return [f"{string!r} has other places than {sources[-1]!r}" for string in strings if sorted(_PLACE.findall(string)) != wanted]


def read(code: str) -> Catalog:
    path = _path(code)
    if not path.exists():
        return Catalog(locale=code, charset="utf-8", fuzzy=False)
    with path.open("rb") as text:
        return read_po(text, locale=code)


def _write(code: str, catalogue: Catalog) -> None:
    _path(code).parent.mkdir(parents=True, exist_ok=True)
    catalogue.header_comment = "# mygas: what the portal says. Brought in step with the code by `make messages`."
    catalogue.creation_date = catalogue.revision_date = _EPOCH  # a date of today would be a conflict in every merge
    with _path(code).open("wb") as file:
        write_po(file, catalogue, width=110, sort_by_file=True, include_lineno=False, ignore_obsolete=True, omit_header=False)


def _path(code: str) -> Path:
    return ROOT / "translations" / code / "LC_MESSAGES" / "messages.po"


def _say(wrong: list[str]) -> int:
    for line in wrong:
        print(line, file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
