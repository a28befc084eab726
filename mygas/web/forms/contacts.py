"""Forms that know a person by contact and password: sign-in, JOIN, RECOVER."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from wtforms import BooleanField, Field, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, ValidationError

from mygas import contacts
from mygas.domain import confirmations, consents, passwords
from mygas.domain.visitors import Visitor
from mygas.web import languages
from mygas.web.forms import Form
from mygas.web.riddles import RiddleForm
from mygas.words import N_, Refused

_LABELS = {
    ("phone", "email"): N_("Логин (телефон или эл. почта)"),
    ("email",): N_("Эл. почта"),
    ("phone",): N_("Телефон"),
}
_NOT_A_CONTACT = {
    ("phone", "email"): N_(
        "Введите номер мобильного телефона или адрес эл. почты, например 8 912 345-67-89 или ivanov@example.ru."
    ),
    ("email",): N_("Введите адрес эл. почты, например ivanov@example.ru."),
    ("phone",): N_("Введите номер мобильного телефона, например 8 912 345-67-89."),
}


class LoginForm(RiddleForm):
    """Anything that begins with a login; `channels` say which kinds of contact are one."""

    login = StringField()
    entry = HiddenField()
    channels: tuple[str, ...] = ("phone", "email")
    contact: contacts.Contact | None = None

    def under(self, visitor: Visitor, *, riddle: bool) -> None:
        """Take the label and the kinds of contact from the rules of the entry, and «Я не робот» where there is reason."""
        self.ask(riddle)
        self.channels = tuple(channel for channel in ("phone", "email") if channel in visitor.rules.channels)
        self.login.label.text = gettext(_LABELS[self.channels])
        self.entry.data = visitor.entry

    def validate_login(self, field: Field) -> None:
        sentence = gettext(_NOT_A_CONTACT[self.channels])
        try:
            self.contact = contacts.parse(field.data or "")
        except ValueError as error:
            raise ValidationError(sentence) from error
        if self.contact.channel not in self.channels:
            raise ValidationError(sentence)

    def answer(self) -> dict[str, Any]:
        return {"contact": self.contact}


class SignInForm(LoginForm):
    password = PasswordField(N_("Пароль"), [DataRequired(N_("Введите пароль."))])
    next = HiddenField()


class NewPasswordForm(Form):
    """A password given twice, under a policy."""

    password = PasswordField(N_("Пароль"))
    password2 = PasswordField(N_("Повторите пароль"))
    policy = ""
    known_login = ""

    def validate_password(self, field: Field) -> None:
        try:
            passwords.check(field.data or "", self.policy, self.known_login)
        except Refused as refusal:
            raise ValidationError(languages.refusal(refusal)) from refusal

    def validate_password2(self, field: Field) -> None:
        if field.data != self.password.data:
            raise ValidationError(gettext("Пароли не совпали. Введите один и тот же пароль в оба поля."))

    def answer(self) -> dict[str, Any]:
        return {"password": self.password.data}


class JoinForm(NewPasswordForm, LoginForm):
    """Login first, so that the password can be compared with it."""

    def validate_login(self, field: Field) -> None:
        super().validate_login(field)
        self.known_login = self.contact.value if self.contact else ""

    def answer(self) -> dict[str, Any]:
        return {"contact": self.contact, "password": self.password.data}


class CodeForm(Form):
    code = StringField(N_("Код подтверждения"))

    def validate_code(self, field: Field) -> None:
        field.data = "".join(letter for letter in field.data or "" if letter not in " -\u00a0\u2013\u2014")
        if len(field.data) != 6 or not all(letter in "0123456789" for letter in field.data):
            raise ValidationError(gettext("Введите шесть цифр кода из сообщения."))


class ConsentForm(Form):
    agree = BooleanField(N_("Я прочитал текст и даю согласие на обработку моих персональных данных"))
    sha256 = HiddenField()

    def validate_agree(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(gettext("Без согласия личный кабинет создать нельзя. Если согласны, поставьте галочку."))

    def answer(self) -> dict[str, Any]:
        return {"sha256": self.sha256.data}


class RenewForm(ConsentForm):
    """Consent given anew by who is signed in; `next` is the page that he was led away from."""

    next = HiddenField()

    def validate_agree(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(gettext("Без согласия кабинетом пользоваться нельзя. Если согласны, поставьте галочку."))


def join(visitor: Visitor, answers: Mapping[str, Any]) -> JoinForm:
    form = JoinForm(login=answers.get("contact", ""))
    form.under(visitor, riddle=confirmations.needs_riddle(visitor))
    form.policy = visitor.rules.password_policy
    return form


def code(_visitor: Visitor, _answers: Mapping[str, Any]) -> CodeForm:
    return CodeForm()


def consent(_visitor: Visitor, _answers: Mapping[str, Any]) -> ConsentForm:
    return ConsentForm(sha256=consents.current().sha256)


def recover(visitor: Visitor, answers: Mapping[str, Any]) -> LoginForm:
    form = LoginForm(login=answers.get("contact", ""))
    form.under(visitor, riddle=confirmations.needs_riddle(visitor))
    return form


def new_password(visitor: Visitor, answers: Mapping[str, Any]) -> NewPasswordForm:
    form = NewPasswordForm()
    form.policy, form.known_login = visitor.rules.password_policy, answers["contact"]
    return form


def check_name(field: Field) -> None:
    """A person's name, left single-spaced in the field. Raises ValidationError for what is none, or too long."""
    field.data = " ".join((field.data or "").split())
    if not any(letter.isalpha() for letter in field.data) or not field.data.isprintable():
        raise ValidationError(gettext("Введите фамилию, имя и отчество."))
    if len(field.data) > 160:
        raise ValidationError(gettext("Слишком длинно: введите только фамилию, имя и отчество."))
