"""mygas, «Мой Газ»: the personal cabinet of gas subscribers. This module only wires the rooms together."""

from functools import partial
from types import SimpleNamespace

from flask import Flask
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from mygas import cli, extensions, gateways, speech, suppliers, training, web
from mygas.documents import consent, payment, qr, receipt, riddle, scan
from mygas.domain import help
from mygas.exchange import dispatching
from mygas.gateways import shelf
from mygas.jobs import doorbell
from mygas.settings import ROOT, Settings

VERSION = "1.0"


def create_app(settings: Settings) -> Flask:
    """The portal for one installation. Raises toml_tables.BadFile when one of suppliers, help or lessons is not right."""
    app = Flask("mygas", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(_flask_config(settings))
    app.extensions["settings"] = settings
    app.extensions["suppliers"] = help.fit(suppliers.load(settings.catalogue), speech.OTHERS)
    app.extensions["gateways"] = gateways.build(settings)
    app.extensions["screen"] = partial(gateways.screen.read, settings.screen_file)
    app.extensions["riddle"] = riddle
    app.extensions["dispatches"] = dispatching
    vault = app.extensions["gateways"].vault
    app.extensions["scans"] = SimpleNamespace(clean=scan.clean, keep=vault.keep, read=vault.read, Spoiled=gateways.vault.Spoiled)
    app.extensions["papers"] = SimpleNamespace(receipt=receipt.draw, payment=payment.draw, consent=consent.draw, qr_svg=qr.qr_svg)
    app.extensions["receipts"] = shelf.Shelf(settings.data_dir / "receipts", ".pdf")
    app.extensions["my_data"] = shelf.Shelf(settings.data_dir / "my-data", ".zip")
    app.extensions["version"] = VERSION
    _wire(app, settings)
    web.register(app)
    if settings.mount:
        training.register(app)
    elif settings.training:
        training.check(app)
    cli.register(app)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=1, x_host=0)  # type: ignore[method-assign]
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.keys.session,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": extensions.engine_options(settings.database_url),
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 200_000,
        "SEND_FILE_MAX_AGE_DEFAULT": 365 * 24 * 3600,
        "PREFERRED_URL_SCHEME": "https" if settings.secure else "http",
        "SESSION_COOKIE_NAME": settings.cookie("form"),
        "SESSION_COOKIE_PATH": settings.cookie_path,
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_I18N_ENABLED": False,  # Flask-WTF would read its file of translations at each request; see web.forms.Form.Meta
        "WTF_CSRF_TIME_LIMIT": None,  # the token lives as long as the session: a slow typist loses nothing
        "WTF_CSRF_SSL_STRICT": False,  # it wants a Referer, which our own Referrer-Policy keeps browsers from sending
        "WTF_CSRF_CHECK_DEFAULT": False,  # web.access checks it, so that a stale page keeps what was typed
        "BABEL_DEFAULT_LOCALE": "ru",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Moscow",
        "TRUSTED_HOSTS": settings.hosts or None,
    }


def _wire(app: Flask, settings: Settings) -> None:
    extensions.db.init_app(app)
    extensions.keyring.init_app(app, settings.keys)
    extensions.migrate.init_app(app, extensions.db, directory=str(ROOT / "migrations"))
    extensions.csrf.init_app(app)
    extensions.limiter.init_app(app)
    extensions.login.init_app(app)
    extensions.babel.init_app(app)
    with app.app_context():
        engine: Engine = extensions.db.engine
        extensions.teach(engine)
    doorbell.init_app(app, settings.redis_url, at_once=settings.jobs == "at once")
