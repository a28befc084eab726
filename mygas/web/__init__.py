"""Blueprints by journey. Each view says who may enter; web/steps.py runs every wizard."""

from flask import Flask

from mygas.suppliers.entry import EntryRules
from mygas.web import (
    access,
    accounts,
    confirm,
    connect,
    counter,
    demo,
    errors,
    extended,
    headers,
    health,
    hooks,
    join,
    layout,
    meters,
    orders,
    pay,
    readings,
    receipts,
    recover,
    riddles,
    sections,
    start,
)


def register(app: Flask) -> None:
    """Hang every page into the app."""
    settings = app.extensions["settings"]
    app.extensions["entry_rules"] = EntryRules(
        channels=("phone", "email"),
        confirm=("code", "link"),
        captcha=settings.captcha,
        password_policy=settings.password_policy,
        sms_daily=settings.sms_daily,
    )
    access.register(app)
    headers.register(app)
    layout.register(app)
    errors.register(app)
    for journey in (
        start,
        join,
        confirm,
        recover,
        connect,
        extended,
        accounts,
        sections,
        readings,
        meters,
        receipts,
        pay,
        orders,
        hooks,
        riddles,
        counter,
        health,
    ):  # counter: the desk's
        app.register_blueprint(journey.bp)
    if settings.demo:
        app.register_blueprint(demo.bp)
