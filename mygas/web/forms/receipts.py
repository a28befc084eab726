"""The form of a receipt's period."""

from collections.abc import Sequence

from flask_babel import gettext
from wtforms import Field, HiddenField, RadioField, SelectField
from wtforms.validators import ValidationError

from mygas.domain.receipt_files import ReceiptFile
from mygas.web.forms import Form
from mygas.web.layout import month
from mygas.words import N_

VARIANTS = {"a4": N_("Обычная"), "large": N_("Крупный шрифт")}


class ReceiptForm(Form):
    period = SelectField(N_("За какой месяц"), coerce=str, validate_choice=False)
    variant = RadioField(N_("Вид"), validate_choice=False, default="a4")

    def validate_period(self, field: Field) -> None:
        if field.data not in dict(field.choices):
            raise ValidationError(gettext("За указанный период нет начислений. Выберите месяц из списка."))

    def validate_variant(self, field: Field) -> None:
        if field.data not in VARIANTS:
            raise ValidationError(gettext("Выберите, обычная нужна квитанция или с крупным шрифтом."))


class AgainForm(Form):
    """What ReceiptForm takes, behind a button alone."""

    period = HiddenField()
    variant = HiddenField()


def receipt(periods: Sequence[int], preselected: int | None) -> ReceiptForm:
    """The months that have charges, one of them chosen already."""
    form = ReceiptForm(period=str(preselected))
    form.period.choices = [(str(period), month(period)) for period in periods]
    form.variant.choices = [(variant, gettext(label)) for variant, label in VARIANTS.items()]
    return form


def again(file: ReceiptFile) -> AgainForm:
    """The same receipt once more."""
    return AgainForm(period=str(file.period), variant=file.variant)
