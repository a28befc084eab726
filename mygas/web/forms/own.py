"""Forms of the settings in which a user changes himself: each asks for the present password."""

from flask_babel import gettext
from wtforms import Field, PasswordField
from wtforms.validators import DataRequired, ValidationError

from mygas.domain import present_password
from mygas.domain.visitors import Visitor
from mygas.web.forms import Form
from mygas.web.forms.contacts import NewPasswordForm
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


def change_password(visitor: Visitor) -> ChangePasswordForm:
    form = ChangePasswordForm()
    form.policy, form.known_login = visitor.rules.password_policy, present_password.the_user(visitor).login
    return form
