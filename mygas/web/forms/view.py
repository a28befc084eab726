"""The form of «Вид и язык»."""

from typing import Any

from flask_babel import gettext
from wtforms import HiddenField, RadioField

from mygas.web.appearance import OFFERED, Look
from mygas.web.forms import Form
from mygas.words import N_

_LABELS = {
    "t0": N_("Обычный"),
    "t1": N_("Крупный: в 1,4 раза больше"),
    "t2": N_("Очень крупный: почти вдвое больше"),
    "c0": N_("Обычная"),
    "hc": N_("Высокая: чёрное на белом"),
    "auto": N_("Как на устройстве"),
    "light": N_("Светлые"),
    "dark": N_("Тёмные"),
}
_LANGUAGES = {"ru": "Русский", "en": "English"}  # each in its own words: whoever looks for his reads no other


class ViewForm(Form):
    text = RadioField(N_("Размер текста"))
    contrast = RadioField(N_("Контрастность"))
    theme = RadioField(N_("Цвета"))
    language = RadioField("Язык · Language")
    next = HiddenField()

    def answer(self) -> dict[str, Any]:
        return {name: self[name].data for name in OFFERED}


def view(now: Look, came_from: str | None) -> ViewForm:
    """What is in force is chosen already."""
    form = ViewForm(obj=now, next=came_from)
    for name, offered in OFFERED.items():
        form[name].choices = [(word, _LANGUAGES.get(word) or gettext(_LABELS[word])) for word in offered]
    return form
