"""What a web server serves. A portal that cannot start says why in one line."""

import sys

from mygas import create_app
from mygas.settings import BadSettings, from_environment
from mygas.suppliers import BadSupplier

try:
    app = create_app(from_environment())
except (BadSettings, BadSupplier) as error:
    sys.exit(f"mygas cannot start: {error}")
