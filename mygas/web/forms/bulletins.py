"""Forms of the desk for what subscribers are told unasked."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext
from wtforms import BooleanField, Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from mygas.domain.bulletins import EVERYBODY
from mygas.domain.outages import FUNCTIONS
from mygas.suppliers import Supplier
from mygas.web.forms import Form
from mygas.web.layout import PORTAL_ZONE
from mygas.words import N_

_WRITTEN = ("%d.%m.%Y %H:%M", "%d.%m.%Y")
_IMPORTANCE = {"info": N_("Обычное"), "warn": N_("Важное")}
_EVERYBODYS = "*"  # in the form: a choice needs a value


class _TermForm(Form):
    """For whom and till when; moments are typed as the clock of that supplier shows them."""

    supplier = SelectField(N_("Поставщик"))
    since = StringField(N_("Начало"), [Optional()])
    until = StringField(N_("Окончание"), [Optional()])

    def offer(self, suppliers: list[Supplier], *, everybody: bool) -> None:
        self.supplier.choices = [(supplier.slug, supplier.name) for supplier in suppliers]
        if everybody:
            self.supplier.choices.append((_EVERYBODYS, gettext("Все поставщики")))

    @property
    def zone(self) -> ZoneInfo:
        chosen: Supplier | None = current_app.extensions["suppliers"].get(self.supplier.data)
        return chosen.time_zone if chosen else PORTAL_ZONE

    def validate_since(self, field: Field) -> None:
        _moment(field.data, self.zone)

    def validate_until(self, field: Field) -> None:
        _moment(field.data, self.zone)

    def answer(self) -> dict[str, Any]:
        """What domain.bulletins.write takes."""
        told = super().answer()
        supplier, since, until = (told.pop(name) for name in ("supplier", "since", "until"))
        return {
            **told,
            "supplier": EVERYBODY if supplier == _EVERYBODYS else supplier,
            "starts_at": _moment(since, self.zone) if since else None,
            "ends_at": _moment(until, self.zone) if until else None,
        }


class OutageForm(_TermForm):
    """What stops for everybody must be chosen, not left as it stood: nothing is chosen beforehand where there is a choice."""

    function = SelectField(N_("Что приостановить"), [DataRequired(N_("Выберите, что приостановить."))])
    supplier = SelectField(N_("Поставщик"), [DataRequired(N_("Выберите, у какого поставщика."))])
    text = TextAreaField(N_("Что сказать абонентам"), [DataRequired(N_("Напишите, почему и что делать пока.")), Length(max=500)])

    def offer(self, suppliers: list[Supplier], *, everybody: bool) -> None:
        super().offer(suppliers, everybody=everybody)
        unchosen = ("", gettext("Не выбрано"))
        self.function.choices = [unchosen, *((name, gettext(words)) for name, words in FUNCTIONS.items())]
        if len(self.supplier.choices) > 1:
            self.supplier.choices.insert(0, unchosen)


class AnnouncementForm(_TermForm):
    prefix = StringField(N_("Каких адресов касается"), [Optional(), Length(max=200)])
    title = StringField(N_("Заголовок"), [DataRequired(N_("Напишите заголовок.")), Length(max=120)])
    text = TextAreaField(N_("Текст"), [DataRequired(N_("Напишите текст объявления.")), Length(max=4000)])
    importance = RadioField(N_("Важность"), default="info", validate_choice=False)
    tell = BooleanField(N_("Отправить сообщением тем, кто хочет получать объявления"))

    def offer(self, suppliers: list[Supplier], *, everybody: bool) -> None:
        super().offer(suppliers, everybody=everybody)
        self.importance.choices = [(name, gettext(words)) for name, words in _IMPORTANCE.items()]

    def validate_importance(self, field: Field) -> None:
        if field.data not in _IMPORTANCE:
            raise ValidationError(gettext("Отметьте, насколько это важно."))


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """The moment typed as 21.11.2026 14:05, or as a day, which begins at midnight. Raises ValidationError."""
    for form in _WRITTEN:
        try:
            return datetime.strptime(" ".join(text.split()), form).replace(tzinfo=zone)
        except ValueError:
            continue
    raise ValidationError(gettext("Напишите день и время так: 21.11.2026 18:00."))
