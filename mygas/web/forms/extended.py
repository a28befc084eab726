"""Forms of extended access: the control question, the request for a PIN."""

import re
import unicodedata
from typing import Any

from flask_babel import gettext
from flask_wtf.file import FileField
from wtforms import Field, RadioField, StringField, SubmitField
from wtforms.validators import ValidationError

from mygas import contacts, money
from mygas.domain import challenges, pin_requests, profile
from mygas.domain.accounts import Connection
from mygas.domain.folding import fold
from mygas.domain.visitors import Visitor
from mygas.suppliers import Supplier
from mygas.web.forms import Form
from mygas.web.forms.contacts import check_name
from mygas.web.layout import notify
from mygas.words import N_

METHODS = {  # instruction 000, letter by letter
    "serial": N_("Ввести серийный номер прибора учёта газа"),
    "charge": N_("Ввести сумму из последних начислений в копейках"),
    "pin": N_("Ввести ПИН код (может быть напечатан на квитанции)"),
}
LONGEST = 100  # characters of an answer; a longer one is no answer
_SUM = re.compile(r"([0-9]{1,13}(?:[.,][0-9]{1,2})?)(₽|руб\.?|р\.?|коп\.?)?\Z", re.IGNORECASE)


class QuestionForm(Form):
    """The control question. Its answer field is called `answer` on the page; `Form.answer` is what the domain takes."""

    method = RadioField(N_("Чем ответить"), validate_choice=False)
    reply = StringField(N_("Ответ"), name="answer")
    later = SubmitField()
    connection: Connection
    supplier: Supplier
    canonical = ""

    def validate_method(self, field: Field) -> None:
        if not self.later.data and field.data not in dict(field.choices):
            raise ValidationError(gettext("Выберите, чем ответить на контрольный вопрос."))

    def validate_reply(self, field: Field) -> None:
        """Spelling only: what is not an answer at all is not counted as a try."""
        if self.later.data:
            return
        typed = (field.data or "").strip()
        if not fold(typed) or len(typed) > LONGEST:
            raise ValidationError(gettext("Введите ответ на контрольный вопрос буквами и цифрами."))
        self.canonical = str(self._kopecks(typed)) if self.method.data == "charge" else typed

    def answer(self) -> dict[str, Any]:
        return {
            "connection": self.connection,
            "supplier": self.supplier,
            "method": None if self.later.data else self.method.data,
            "reply": self.canonical,
        }

    def _kopecks(self, typed: str) -> int:
        """Kopecks as they are, and rubles turned into kopecks with a notice that says so (product.md §1.5, trap 5)."""
        found = _SUM.match("".join(unicodedata.normalize("NFKC", typed).split()))
        if not found:
            raise ValidationError(gettext("Введите сумму в копейках, только цифры: 1 234,56 ₽ — это 123456."))
        number, unit = found[1], (found[2] or "").lower()
        in_rubles = not number.isdecimal() or unit.startswith(("р", "₽"))
        kopecks = money.parse(number) if in_rubles else int(number)
        if kopecks == 0:
            raise ValidationError(gettext("Сумма последних начислений больше нуля. Проверьте её по квитанции."))
        if in_rubles:
            notify("info", gettext("Вы ввели %(typed)s — мы прочли это как %(kopecks)s коп.", typed=typed, kopecks=kopecks))
        return kopecks


class PinRequestForm(Form):
    """Who asks, and how the supplier's operator may ask back. The PIN itself goes to the confirmed login only."""

    full_name = StringField(N_("ФИО"))
    email = StringField(N_("Email"))
    phone = StringField(N_("Телефон"))
    document_kind = RadioField(N_("Документ"), validate_choice=False)
    scan = FileField(N_("Скан или фото документа"), render_kw={"accept": "image/jpeg,image/png,application/pdf"})

    def validate_full_name(self, field: Field) -> None:
        check_name(field)

    def validate_email(self, field: Field) -> None:
        field.data = _contact(field.data, "email", gettext("Введите адрес эл. почты, например ivanov@example.ru."))

    def validate_phone(self, field: Field) -> None:
        sentence = gettext("Введите номер мобильного телефона, например 8 912 345-67-89.")
        field.data = _contact(field.data, "phone", sentence)
        if not field.data and not self.email.data:
            raise ValidationError(gettext("Укажите телефон или адрес эл. почты: поставщику может понадобиться уточнить запрос."))

    def validate_document_kind(self, field: Field) -> None:
        if field.data not in pin_requests.DOCUMENTS:
            raise ValidationError(gettext("Выберите, какой документ Вы прилагаете."))

    def validate_scan(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(gettext("Приложите скан или фото документа: JPEG, PNG или PDF."))

    def answer(self) -> dict[str, Any]:
        return {name: value for name, value in super().answer().items() if name != "scan"}


def question(connection: Connection, supplier: Supplier) -> QuestionForm:
    """The question as it may be put about this account; without choices where there is nothing to ask."""
    form = QuestionForm()
    form.connection, form.supplier = connection, supplier
    form.method.choices = [(name, gettext(METHODS[name])) for name in challenges.methods(connection, supplier)]
    if len(form.method.choices) == 1:
        form.method.data = form.method.choices[0][0]
    return form


def pin_request(visitor: Visitor, supplier: Supplier) -> PinRequestForm:
    """Filled with what the user has told already (WCAG 3.3.7); a document is asked for only where the supplier wants one."""
    form = PinRequestForm(**(profile.known(visitor.user) if visitor.user else {}))
    if supplier.access.scan_required:
        form.document_kind.choices = [(kind, gettext(label)) for kind, label in pin_requests.DOCUMENTS.items()]
    else:
        del form.document_kind, form.scan
    return form


def _contact(typed: str | None, channel: str, sentence: str) -> str:
    """The canonical contact, or nothing where nothing was typed. What does not fit is left as it was typed."""
    if not (typed or "").strip():
        return ""
    try:
        contact = contacts.parse(typed or "")
    except ValueError as error:
        raise ValidationError(sentence) from error
    if contact.channel != channel:
        raise ValidationError(sentence)
    return contact.value
