"""Blueprints by journey. Each view says who may enter; web/steps.py runs every wizard."""

from flask import Flask

from mygas.suppliers.entry import EntryRules
from mygas.web import (
    access,
    accounts,
    addressees,
    addresses,
    bulletins,
    bulletins_desk,
    cash_desk,
    change_login,
    closing,
    confirm,
    connect,
    consents,
    counter,
    demo,
    errors,
    exports_desk,
    extended,
    headers,
    health,
    help,
    hooks,
    join,
    journal,
    languages,
    layout,
    message_archive,
    meters,
    my_data,
    notices_choice,
    orders,
    own_accounts,
    own_password,
    own_sessions,
    packing,
    pay,
    profile,
    readings,
    receipts,
    recover,
    reply_templates,
    riddles,
    second_contact,
    sections,
    settings,
    start,
    statics,
    support,
    support_desk,
    view,
)

FRAME = (addresses, addressees, packing, access, statics, headers, languages, layout, bulletins, errors)
"""What every page needs, in the order in which an answer passes it."""

JOURNEYS = (
    *(start, join, confirm, recover, connect, extended),
    *(accounts, sections, readings, meters, receipts, pay, orders, hooks),
    *(settings, profile, own_password, own_sessions, closing, consents, message_archive, own_accounts, notices_choice),
    *(change_login, second_contact, journal, my_data),
    *(support, bulletins, view, help, riddles, health),
    *(counter, cash_desk, exports_desk, support_desk, reply_templates, bulletins_desk),
)
"""Whose pages there are. The rooms of the desk hang theirs on one blueprint, and those of the settings."""


def register(app: Flask) -> None:
    """Hang every page into the app."""
    installed = app.extensions["settings"]
    app.extensions["entry_rules"] = EntryRules(
        channels=("phone", "email"),
        confirm=("code", "link"),
        captcha=installed.captcha,
        password_policy=installed.password_policy,
        sms_daily=installed.sms_daily,
    )
    for part in FRAME:
        part.register(app)
    for bp in dict.fromkeys(journey.bp for journey in JOURNEYS):
        app.register_blueprint(bp)
    if installed.shows_messages:
        app.register_blueprint(demo.bp)
