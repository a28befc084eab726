"""«Сменить пароль»."""

from flask import url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from mygas.domain import own_password, passwords, present_password
from mygas.domain.work import unit_of_work
from mygas.web import access
from mygas.web.access import open_to
from mygas.web.forms import own as forms
from mygas.web.layout import notify
from mygas.web.settings import bp, form_page


@bp.route("/password", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def password() -> Response:
    """Both passwords are hashed between transactions, never inside one."""
    visitor = access.visitor(current_user.user.entry)
    form = forms.change_password(visitor)

    def change() -> Response:
        proof = present_password.check(visitor, form.present.data)
        password_hash = passwords.hashed(form.password.data)
        with unit_of_work():
            key = own_password.change(visitor, proof, password_hash)
        notify("good", gettext("Пароль изменён. Остальные сеансы завершены."))
        return access.admit(access.leave(url_for("settings.index")), key)

    return form_page("settings/password.html", form, change, policy=passwords.POLICIES[form.policy])
