"""The desk's replies kept ready: each addressee's own, edited by his operators."""

from flask import abort, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from mygas.domain import operators, reply_templates
from mygas.domain.reply_templates import ReplyTemplate
from mygas.domain.work import unit_of_work
from mygas.web import access, addressees
from mygas.web.access import open_to
from mygas.web.desk import bp, do, ip
from mygas.web.forms.support_desk import TemplateForm
from mygas.web.layout import notify
from mygas.web.settings import form_page


@bp.route("/templates/", methods=["GET", "POST"])
@open_to("operator", form_checks_token=True)
def templates() -> AnyResponse:
    """All that are the operator's to use, and a form for another one."""
    operator, form = access.operator(), TemplateForm()
    form.addressee.choices = [(slug, addressees.name(slug)) for slug in operators.addressees(operator)]

    def add() -> AnyResponse:
        with unit_of_work():
            reply_templates.add(operator, ip(), form.addressee.data, form.title.data, form.text.data)
        notify("good", gettext("Шаблон сохранён."))
        return redirect(url_for("desk.templates"), 303)

    return form_page("desk/templates.html", form, add, templates=reply_templates.of(operator), name=addressees.name)


@bp.route("/templates/<ref>", methods=["GET", "POST"])
@open_to("operator", form_checks_token=True)
def template(ref: str) -> AnyResponse:
    found = _template(ref)
    form = TemplateForm(title=found.title, text=found.text)
    del form.addressee

    def edit() -> AnyResponse:
        with unit_of_work():
            reply_templates.edit(access.operator(), ip(), _template(ref), form.title.data, form.text.data)
        notify("good", gettext("Шаблон сохранён."))
        return redirect(url_for("desk.templates"), 303)

    return form_page("desk/template.html", form, edit, reply=found, name=addressees.name)


@bp.post("/templates/<ref>/remove")
@open_to("operator")
def remove_template(ref: str) -> AnyResponse:
    found = _template(ref)
    done, then = gettext("Шаблон удалён."), url_for("desk.templates")
    return do(lambda: reply_templates.remove(access.operator(), ip(), found), done, then)


def _template(ref: str) -> ReplyTemplate:
    return reply_templates.find(access.operator(), ref) or abort(404)
