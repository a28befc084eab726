"""Forms of the operators' desk."""

from typing import Any

from flask import current_app
from flask_babel import gettext
from wtforms import Field, HiddenField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from mygas.domain import serving
from mygas.suppliers import Supplier
from mygas.web.forms import Form
from mygas.words import N_

REASONS = {
    "unreadable": N_("Снимок документа нельзя прочитать. Снимите документ ещё раз при хорошем свете."),
    "unfit": N_("Этот документ не подходит. Пришлите один из перечисленных в форме запроса."),
    "name": N_("Фамилия, имя, отчество в документе и в лицевом счёте разные. Придите к поставщику с паспортом."),
    "address": N_("Адрес в документе и адрес лицевого счёта разные. Проверьте номер лицевого счёта."),
    "old": N_("Поквартирная карточка выдана больше месяца назад. Пришлите новую."),
}
OTHER = "other"
_LONGEST = 300  # letters of a reason


class SignInForm(Form):
    login = StringField(N_("Логин"), [DataRequired(N_("Введите логин."))])
    password = PasswordField(N_("Пароль"), [DataRequired(N_("Введите пароль."))])
    code = StringField(N_("Код из приложения"))
    next = HiddenField()

    def validate_code(self, field: Field) -> None:
        field.data = "".join((field.data or "").split())
        if len(field.data) != 6 or not all(letter in "0123456789" for letter in field.data):
            raise ValidationError(gettext("Введите шесть цифр из приложения для кодов."))

    def before_page(self) -> None:
        """A code is of no use a second time."""
        self.code.data = ""


class RefuseForm(Form):
    """A reason from the list, with words of the operator's own if he likes; or his own words alone."""

    reason = RadioField(N_("Причина отказа"), validate_choice=False)
    words = TextAreaField(N_("Своими словами"))

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)
        listed = [(name, gettext(sentence)) for name, sentence in REASONS.items()]
        self.reason.choices = [*listed, (OTHER, gettext("Другая причина, напишу её ниже"))]

    def validate_reason(self, field: Field) -> None:
        if field.data not in (*REASONS, OTHER):
            raise ValidationError(gettext("Выберите причину: её получит тот, кто подал запрос."))

    def validate_words(self, field: Field) -> None:
        field.data = " ".join((field.data or "").split())
        if self.reason.data == OTHER and not field.data:
            raise ValidationError(gettext("Напишите причину: её получит тот, кто подал запрос."))
        if len(self.sentence) > _LONGEST:
            raise ValidationError(gettext("Слишком длинно: вся причина не больше %(most)s знаков.", most=_LONGEST))

    @property
    def sentence(self) -> str:
        """What the subscriber is told."""
        listed = REASONS.get(self.reason.data)
        return " ".join(part for part in (gettext(listed) if listed else "", self.words.data) if part)


class FindForm(Form):
    """An account by its number, among the operator's own suppliers."""

    supplier = SelectField(N_("Поставщик"))
    number = StringField(N_("Номер лицевого счёта"), [Length(max=60, message=N_("Это не номер лицевого счёта."))])
    canonical = ""

    def offer(self, suppliers: list[Supplier]) -> None:
        self.supplier.choices = [(supplier.slug, supplier.name) for supplier in suppliers]

    def validate_number(self, field: Field) -> None:
        """Bring the number into its supplier's form."""
        supplier = current_app.extensions["suppliers"].get(self.supplier.data)
        if supplier is None or self.supplier.errors:
            return
        try:
            self.canonical = supplier.account.canonical(field.data or "")
        except ValueError as error:
            hint = supplier.account.hint
            raise ValidationError(gettext("Номер не похож на лицевой счёт этого поставщика. %(hint)s", hint=hint)) from error


class HandOverForm(Form):
    """Which document the visitor at the counter showed."""

    document = RadioField(N_("Какой документ показали"), validate_choice=False)

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)
        self.document.choices = [(name, gettext(words)) for name, words in serving.DOCUMENTS.items()]

    def validate_document(self, field: Field) -> None:
        if field.data not in serving.DOCUMENTS:
            raise ValidationError(gettext("Отметьте документ, который Вам показали."))
