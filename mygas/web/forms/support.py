"""Forms of those who ask the support: a question, and what is added to it."""

import re
from collections.abc import Mapping
from typing import Any

from flask import current_app, request
from flask_babel import gettext
from flask_login import current_user
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import Field, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from mygas import contacts
from mygas.domain import accounts, tickets
from mygas.domain.accounts import Connection
from mygas.domain.addressees import PORTAL, PORTAL_NAME
from mygas.domain.tickets import new_key
from mygas.domain.visitors import Visitor
from mygas.suppliers import Supplier
from mygas.web import access, languages
from mygas.web.forms import Form
from mygas.web.riddles import RiddleForm
from mygas.words import N_

TO_PORTAL, TO_SUPPLIER = "portal", "supplier"
TYPED = ("subject", "text", "addressee", "account", "company", "name", "contact")
_ACCEPT = {"accept": "image/jpeg,image/png,application/pdf"}


def plain_text(typed: str | None, longest: int = tickets.LONGEST) -> str:
    """What was typed, without invisible signs; raises ValidationError when it is empty or too long."""
    text = "".join(sign for sign in (typed or "").replace("\r\n", "\n") if sign.isprintable() or sign in "\n\t").strip()
    if not text:
        raise ValidationError(gettext("Напишите текст сообщения."))
    if len(text) > longest:
        raise ValidationError(gettext("Слишком длинно: не больше %(most)s знаков, а здесь %(has)s.", most=longest, has=len(text)))
    return text


class MessageForm(Form):
    """What is said, with up to three files; guests send none."""

    text = TextAreaField(N_("Сообщение"))
    file1 = FileField(N_("Файл 1"), render_kw=_ACCEPT)
    file2 = FileField(N_("Файл 2"), render_kw=_ACCEPT)
    file3 = FileField(N_("Файл 3"), render_kw=_ACCEPT)

    @property
    def files(self) -> list[Field]:
        return [self[name] for name in ("file1", "file2", "file3") if name in self]

    @property
    def uploads(self) -> list[tuple[str, FileStorage]]:
        """What was chosen, each with the name of its field."""
        return [(field.name, field.data) for field in self.files if isinstance(field.data, FileStorage)]

    def without_files(self) -> None:
        for field in self.files:
            del self[field.name]

    def validate_text(self, field: Field) -> None:
        field.data = plain_text(field.data)


class QuestionForm(RiddleForm, MessageForm):
    """A question: of whom, about which account; a guest says who he is. Whoever has no account names his gas company."""

    name = StringField(N_("Как к Вам обращаться"))
    contact = StringField(N_("Телефон или эл. почта для ответа"))
    addressee = RadioField(N_("Кому"), validate_choice=False)
    account = SelectField(N_("Лицевой счёт"))
    company = SelectField(N_("Ваша газовая компания"))
    subject = StringField(N_("Тема"))
    request_key = HiddenField()
    entry = HiddenField()
    connections: list[Connection]

    @property
    def is_guest(self) -> bool:
        return "contact" in self

    @property
    def connection(self) -> Connection | None:
        """The account that the question is about."""
        ref = self.account.data if "account" in self else ""
        return next((one for one in self.connections if one.ref == ref), None)

    @property
    def supplier(self) -> Supplier | None:
        """The asker's supplier, as far as the form tells: of the account, of all his accounts, or named by him."""
        if self.connection:
            slugs = {self.connection.supplier}
        else:
            slugs = {self.company.data} if "company" in self else {one.supplier for one in self.connections}
        found: Supplier | None = current_app.extensions["suppliers"].get(slugs.pop()) if len(slugs) == 1 else None
        return found

    def validate_name(self, field: Field) -> None:
        field.data = " ".join("".join(filter(str.isprintable, field.data or "")).split())
        if not any(letter.isalpha() for letter in field.data) or len(field.data) > 160:
            raise ValidationError(gettext("Напишите, как к Вам обращаться."))

    def validate_contact(self, field: Field) -> None:
        try:
            field.data = contacts.parse(field.data or "").value
        except ValueError as error:
            sentence = gettext("Введите номер мобильного телефона или адрес эл. почты, например ivanov@example.ru.")
            raise ValidationError(sentence) from error

    def validate_addressee(self, field: Field) -> None:
        if field.data not in dict(field.choices):
            raise ValidationError(gettext("Выберите, кому Вы пишете."))
        if field.data == TO_SUPPLIER and self.supplier is None:
            raise ValidationError(gettext("Выберите ниже счёт или газовую компанию: иначе мы не узнаем, кому передать вопрос."))

    def validate_subject(self, field: Field) -> None:
        field.data = " ".join("".join(filter(str.isprintable, field.data or "")).split())
        if not field.data:
            raise ValidationError(gettext("Напишите в нескольких словах, о чём вопрос."))
        if len(field.data) > tickets.LONGEST_SUBJECT:
            raise ValidationError(gettext("Слишком длинно: тема не больше %(most)s знаков.", most=tickets.LONGEST_SUBJECT))

    def validate_request_key(self, field: Field) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{22}", field.data or ""):
            field.data = new_key()
            raise ValidationError(gettext("Форма устарела. Нажмите кнопку ещё раз."))

    def answer(self) -> dict[str, Any]:
        typed = {name: self[name].data if name in self else "" for name in (*TYPED, "request_key", "entry")}
        supplier = self.supplier
        to = supplier.slug if supplier and self.addressee.data == TO_SUPPLIER else PORTAL
        account_id = self.connection.account_id if self.connection else None
        said = {**typed, "language": languages.language()}
        return {**said, "to": to, "account_id": account_id, "supplier": supplier, "uploads": self.uploads}


class SendForm(Form):
    """«Отправить вопрос» after the suggestions; the key of the question, so that whoever presses twice asks once."""

    request_key = HiddenField()
    fresh = ""

    def validate_request_key(self, field: Field) -> None:
        typed, field.data = field.data, self.fresh
        if typed != self.fresh:
            raise ValidationError(gettext("Вопрос изменён в другом окне. Проверьте его и нажмите кнопку ещё раз."))

    def answer(self) -> dict[str, Any]:
        return {}


def question(visitor: Visitor, answers: Mapping[str, Any]) -> QuestionForm:
    """Filled with what the draft holds; asks only what is not known already."""
    kept = {name: answers[name] for name in TYPED if name in answers}
    form = QuestionForm(request_key=answers.get("request_key") or new_key(), **kept)
    form.ask(tickets.needs_riddle(visitor))
    form.entry.data = visitor.entry
    form.addressee.choices = [(TO_PORTAL, gettext(PORTAL_NAME)), (TO_SUPPLIER, gettext("Региональная газовая компания"))]
    form.connections = access.my_connections() if current_user.is_authenticated else []
    if current_user.is_authenticated:
        del form.name, form.contact
    else:
        form.without_files()
    _offer_accounts(form)
    return form


def _offer_accounts(form: QuestionForm) -> None:
    """The user's accounts; the whole catalogue to whoever has none."""
    catalogue = current_app.extensions["suppliers"]
    if form.connections:
        del form.company
        names = [(one.ref, f"{one.account.number}, {_name(catalogue, one.supplier)}") for one in form.connections]
        form.account.choices = [("", gettext("Вопрос не о счёте")), *names]
        if request.method == "GET" and form.account.data is None:  # "" is an answer: he has said that it is about none
            form.account.data = accounts.likely(form.connections, form.entry.data)
        return
    del form.account
    form.company.choices = [("", gettext("Не выбрана")), *((slug, supplier.name) for slug, supplier in catalogue.items())]
    if request.method == "GET" and not form.company.data and form.entry.data:
        form.company.data = form.entry.data


def send(_visitor: Visitor, answers: Mapping[str, Any]) -> SendForm:
    form = SendForm(request_key=answers["request_key"])
    form.fresh = answers["request_key"]
    return form


def _name(catalogue: Mapping[str, Supplier], slug: str) -> str:
    return catalogue[slug].name if slug in catalogue else slug
