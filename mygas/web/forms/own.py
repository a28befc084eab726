"""Forms of the settings in which a user changes himself: each asks for the present password."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from wtforms import Field, PasswordField, StringField
from wtforms.validators import DataRequired, Optional, ValidationError

from mygas.domain import confirmations, present_password
from mygas.domain.visitors import Visitor
from mygas.web.forms import Form
from mygas.web.forms.contacts import LoginForm, NewPasswordForm, check_name
from mygas.words import N_


class PresentPasswordForm(Form):
    """Anything for which the present password is asked once more."""

    present = PasswordField(N_("Нынешний пароль"), [DataRequired(N_("Введите нынешний пароль."))])


class ChangePasswordForm(PresentPasswordForm, NewPasswordForm):
    """The new password is another one than the present, and keeps to the policy of the user's entry."""

    def validate_password(self, field: Field) -> None:
        super().validate_password(field)
        if field.data == self.present.data:
            raise ValidationError(gettext("Это нынешний пароль. Придумайте новый."))


class ContactForm(LoginForm, PresentPasswordForm):
    """Another contact of the user's, to be proved."""

    def answer(self) -> dict[str, Any]:
        return {"contact": self.contact, "present": self.present.data}


class ProfileForm(Form):
    """The name as the supplier knows it; it fills the forms that ask for it."""

    full_name = StringField(N_("ФИО"), [Optional(strip_whitespace=True)])

    def validate_full_name(self, field: Field) -> None:
        check_name(field)


def change_login(visitor: Visitor, answers: Mapping[str, Any]) -> ContactForm:
    return _contact(visitor, answers, N_("Новый логин (телефон или эл. почта)"))


def second_contact(visitor: Visitor, answers: Mapping[str, Any]) -> ContactForm:
    return _contact(visitor, answers, N_("Телефон или эл. почта"))


def _contact(visitor: Visitor, answers: Mapping[str, Any], label: str) -> ContactForm:
    """Any kind of contact, whatever the entry page says: the user has come in already."""
    form = ContactForm(login=answers.get("contact", ""))
    form.under(visitor, riddle=confirmations.needs_riddle(visitor))
    form.channels = ContactForm.channels
    form.login.label.text = gettext(label)
    return form


def change_password(visitor: Visitor) -> ChangePasswordForm:
    form = ChangePasswordForm()
    form.policy, form.known_login = visitor.rules.password_policy, present_password.the_user(visitor).login
    return form
