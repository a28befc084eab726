"""What a web server serves. A portal that cannot start says why in one line."""

import os
import sys

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from mygas import create_app, pretend_bank, training
from mygas.settings import BadSettings, from_environment
from mygas.toml_tables import BadFile

try:
    settings = from_environment()
    app = create_app(settings)
except (BadSettings, BadFile) as error:
    sys.exit(f"mygas cannot start: {error}")

if settings.pretend_bank:
    faults = pretend_bank.Faults.parse(os.environ.get("MYGAS_BANK_FAULTS", ""))
    pages = pretend_bank.pages(pretend_bank.open_in(settings.data_dir, settings.public_url, faults))
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {pretend_bank.MOUNT: pages})  # type: ignore[method-assign]
if settings.training:
    app.extensions["shifts"] = training.Shifts(settings, create_app)
    app.wsgi_app = training.mounted(app.wsgi_app, app.extensions["shifts"], settings)  # type: ignore[method-assign]
