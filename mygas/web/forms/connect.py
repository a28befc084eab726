"""Forms of the wizard CONNECT."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext
from wtforms import Field, RadioField, StringField
from wtforms.validators import ValidationError

from mygas.domain.visitors import Visitor
from mygas.suppliers import Catalogue, Supplier
from mygas.web import access
from mygas.web.forms import Form, extended
from mygas.web.forms.extended import QuestionForm
from mygas.words import N_


class SupplierForm(Form):
    """A supplier picked from the list, or named in words (or by slug) that fit exactly one."""

    supplier = StringField(N_("Выберите ресурсоснабжающую организацию"))
    pick = RadioField(N_("Компании"), validate_choice=False)
    chosen: Supplier | None = None

    def offer(self, typed: str) -> None:
        """List the companies that fit what is typed; tick the only one."""
        found = _catalogue().search(typed)
        self.pick.choices = [(supplier.slug, supplier.name) for supplier in found]
        if len(found) == 1:
            self.pick.data = found[0].slug

    def validate_supplier(self, field: Field) -> None:
        typed = (field.data or "").strip()
        named = _catalogue().get(typed)
        found = (named,) if named else _catalogue().search(typed)
        self.offer(typed if found and not named else "")
        picked = _catalogue().get(self.pick.data or "")
        if picked in found or (typed and len(found) == 1):
            self.chosen = picked if picked in found else found[0]
        elif not typed:
            raise ValidationError(gettext("Начните вводить название региона или компании либо выберите её из списка."))
        elif not found:
            raise ValidationError(gettext("Такой компании нет. Проверьте название или выберите компанию из списка."))
        else:
            raise ValidationError(gettext("Подходит несколько компаний. Выберите свою из списка."))

    def answer(self) -> dict[str, Any]:
        return {"supplier": self.chosen}


class AccountForm(Form):
    number = StringField(N_("Номер лицевого счёта"))
    rule: Supplier
    canonical = ""

    def validate_number(self, field: Field) -> None:
        if not (field.data or "").strip():
            raise ValidationError(gettext("Введите номер лицевого счёта из квитанции."))
        try:
            self.canonical = self.rule.account.canonical(field.data or "")
        except ValueError as error:
            raise ValidationError(
                gettext("Номер не похож на лицевой счёт этого поставщика. %(hint)s", hint=self.rule.account.hint)
            ) from error

    def answer(self) -> dict[str, Any]:
        return {"supplier": self.rule, "number": self.canonical}


def supplier(visitor: Visitor, answers: Mapping[str, Any]) -> SupplierForm:
    """Filled with the supplier chosen before, or with that of the entry page by which the user came to the portal."""
    known = _catalogue().get(answers.get("supplier") or (visitor.user.entry if visitor.user else ""))
    form = SupplierForm(supplier=known.name if known else "")
    typed = request.args.get("supplier")  # the type-ahead asks for this page with what is typed so far
    form.offer(typed if typed is not None else form.supplier.data or "")
    form.supplier.render_kw = {
        "data-hx-get": url_for("connect.step", slug="supplier"),
        "data-hx-trigger": "input changed delay:400ms",
        "data-hx-target": "#choices",
        "data-hx-select": "#choices",
        "data-hx-swap": "outerHTML show:none",
        "data-hx-sync": "this:replace",
    }
    return form


def account(_visitor: Visitor, answers: Mapping[str, Any]) -> AccountForm:
    form = AccountForm(number=answers.get("number", ""))
    form.rule = _catalogue()[answers["supplier"]]
    return form


def question(_visitor: Visitor, answers: Mapping[str, Any]) -> QuestionForm:
    return extended.question(access.my_account(answers["connection"]), _catalogue()[answers["supplier"]])


def _catalogue() -> Catalogue:
    catalogue: Catalogue = current_app.extensions["suppliers"]
    return catalogue
