"""A field of every kind, for the page that shows the kit."""

from flask_babel import gettext
from flask_wtf.file import FileField
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from mygas.web.forms import Form
from mygas.words import N_

_OFFERED = (N_("Номер прибора учёта"), N_("Последнее начисление"), N_("ПИН-код"))
_SENTENCE = N_("Так выглядит отказ: что не так и что сделать.")
KINDS = ("login", "code", "account", "money", "number", "tel", "email")


class KitForm(Form):
    login = StringField("login")
    code = StringField("code")
    account = StringField("account")
    money = StringField("money")
    number = StringField("number")
    tel = StringField("tel")
    email = StringField("email")
    password = PasswordField(N_("Пароль"))
    optional = StringField(N_("Примечание"), [Optional()])
    words = TextAreaField(N_("Сообщение"), [InputRequired(N_("Напишите что-нибудь."))])
    month = SelectField(N_("За какой месяц"), validate_choice=False)
    way = RadioField(N_("Чем подтвердить"), validate_choice=False)
    agree = BooleanField(N_("Я согласен"))
    scan = FileField(N_("Снимок документа"))


def kit(prefix: str = "", *, wrong: bool = False) -> KitForm:
    """The form; `wrong`: as it comes back with something wrong in every field."""
    form = KitForm(prefix=prefix)
    form.month.choices = ["10.2026", "11.2026"]
    form.way.choices = [(str(number), gettext(text)) for number, text in enumerate(_OFFERED)]
    if wrong:
        form.form_errors.append(gettext(_SENTENCE))
        for field in form:
            field.errors = [] if field.name.endswith("csrf_token") else [gettext(_SENTENCE)]
    return form
