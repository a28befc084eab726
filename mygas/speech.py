"""How the portal speaks each of its languages: sentences, dates and figures. Russian is what is written in the code, others
stand in translations/.

Catalogues are read as they are edited (.po): there is no compiled file that could be forgotten or disagree.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from mygas.words import Figure

OWN = "ru"
OTHERS = ("en",)
FOLDER = Path(__file__).resolve().parents[1] / "translations"


@dataclass(frozen=True)
class Speech:
    """One language, by its code of two letters."""

    code: str = OWN

    def say(self, sentence: str, **values: object) -> str:
        """The sentence, a Russian msgid with `%(name)s` places, with its values in the notation of the language."""
        said: str = catalogue(self.code).gettext(sentence)
        return said % self.written(values) if values else said

    def written(self, values: dict[str, Any]) -> dict[str, object]:
        """Moments (aware, on the clock that is meant), dates and Figures as the language writes them; others as they are."""
        return {name: self._written(value) for name, value in values.items()}

    def day(self, value: date) -> str:
        """21.11.2026, or «21 Nov 2026» where some read the month first."""
        return f"{value:%d.%m.%Y}" if self.code == OWN else str(format_date(value, "d MMM yyyy", locale=self.code))

    def moment(self, value: datetime) -> str:
        """21.11.2026 14:05, on the clock that the moment is given by."""
        return f"{self.day(value)} {value:%H:%M}"

    def figure(self, russian: str) -> str:
        """«1 234,56» with a decimal point where the language has one. Groups are parted by spaces everywhere: what is read here
        and typed there is never taken for a thousand times more or less."""
        return russian if self.code == OWN else russian.replace(",", ".")

    def _written(self, value: object) -> object:
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.day(value)
        return self.figure(value) if isinstance(value, Figure) else value


@cache
def catalogue(code: str) -> NullTranslations:
    """The sentences of a language; those that wait for a translation stay Russian."""
    path = FOLDER / code / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Translations()
    with path.open("rb") as text:
        read: Any = read_po(text, locale=code)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return Translations(compiled)
