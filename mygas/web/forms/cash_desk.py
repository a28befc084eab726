"""Forms of the desk about money."""

import re
from typing import Any

from flask import current_app
from flask_babel import gettext
from wtforms import Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from mygas.domain.dispatches import KINDS
from mygas.suppliers import Supplier
from mygas.web.forms import Form
from mygas.words import N_

OUTCOMES = {
    "succeeded": N_("Деньги пришли полностью: зачислить платёж"),
    "canceled": N_("Денег нет или они возвращены в банке: закрыть платёж"),
}
KIND_WORDS = {"readings": N_("показания"), "payments": N_("платежи")}


class FindPaymentForm(Form):
    """A payment by its own number, or all payments of an account by the account's number."""

    supplier = SelectField(N_("Поставщик"))
    number = StringField(N_("Номер платежа или лицевого счёта"))
    payment: int | None = None
    account = ""

    def offer(self, suppliers: list[Supplier]) -> None:
        self.supplier.choices = [(supplier.slug, supplier.name) for supplier in suppliers]

    def validate_number(self, field: Field) -> None:
        typed = (field.data or "").strip().removeprefix("№").strip()
        if re.fullmatch(r"[0-9]{1,18}", typed):
            self.payment = int(typed)
        supplier = current_app.extensions["suppliers"].get(self.supplier.data)
        try:
            self.account = supplier.account.canonical(typed) if supplier else ""
        except ValueError:
            self.account = ""
        if self.payment is None and not self.account:
            raise ValidationError(gettext("Введите номер платежа или лицевого счёта этого поставщика."))


class WordsForm(Form):
    """What an operator has to say of what he does: it stays with the deed."""

    words = TextAreaField(N_("Что сделано и почему"))
    longest = 200

    def validate_words(self, field: Field) -> None:
        field.data = " ".join((field.data or "").split())
        if not field.data:
            raise ValidationError(gettext("Напишите несколько слов: они останутся в истории."))
        if len(field.data) > self.longest:
            raise ValidationError(gettext("Слишком длинно: не больше %(most)s знаков.", most=self.longest))


class SettleForm(WordsForm):
    """How a payment ends that the bank's word left open."""

    outcome = RadioField(N_("Решение"), validate_choice=False)

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)
        self.outcome.choices = [(name, gettext(words)) for name, words in OUTCOMES.items()]

    def validate_outcome(self, field: Field) -> None:
        if field.data not in OUTCOMES:
            raise ValidationError(gettext("Выберите решение."))


class RegistryForm(Form):
    """Which registry to make."""

    supplier = SelectField(N_("Поставщик"))
    kind = SelectField(N_("Что передать"))

    def offer(self, suppliers: list[Supplier]) -> None:
        self.supplier.choices = [(supplier.slug, supplier.name) for supplier in suppliers]
        self.kind.choices = [(kind, gettext(KIND_WORDS[kind])) for kind in KINDS]
