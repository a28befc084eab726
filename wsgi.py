"""What a web server serves."""

from mygas import create_app
from mygas.settings import from_environment

app = create_app(from_environment())
