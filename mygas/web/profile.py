"""«Профиль»: the name, the login, the second contact."""

from flask import redirect, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from mygas.domain import profile as own
from mygas.domain.work import unit_of_work
from mygas.web import access
from mygas.web.access import open_to
from mygas.web.forms.own import ProfileForm
from mygas.web.layout import notify
from mygas.web.settings import bp, form_page


@bp.route("/profile", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def profile() -> Response:
    user = current_user.user
    form = ProfileForm(full_name=user.full_name)

    def keep() -> Response:
        with unit_of_work():
            own.rename(access.visitor(), form.full_name.data or "")
        notify("good", gettext("Профиль сохранён."))
        return redirect(url_for("settings.profile"), 303)

    return form_page("settings/profile.html", form, keep, user=user)
