"""«Режим обучения»: the portal once more, under a path of its own, on which everything is pretended.

A *shift* is a whole portal in a folder of its own: database, keys, bank, messages, files. It takes newcomers for twelve hours and
is thrown away, folder and all, twelve hours later: that is how nothing of a learner stays (docs/decisions/0015-training.md).
"""

from flask import Flask

from mygas.training import classroom, coach, pages
from mygas.training.desks import TrainingCatalogue
from mygas.training.learners import Learner
from mygas.training.mount import mounted
from mygas.training.quiet import belongs_to_the_log
from mygas.training.shifts import Shifts
from mygas.training.syllabus import BadLesson

__all__ = ["BadLesson", "Learner", "Shifts", "belongs_to_the_log", "check", "mounted", "register"]


def register(app: Flask) -> None:
    """Make a portal one of lessons: its pages, its suppliers, its coach."""
    app.extensions["suppliers"] = TrainingCatalogue(app.extensions["suppliers"])
    pages.register(app)
    app.register_blueprint(classroom.bp)
    coach.register(app)


def check(app: Flask) -> None:
    """Read the lessons when the real portal starts, not when the first learner comes. They teach its pages, and those that only
    a portal of lessons has. Raises BadLesson."""
    own = Flask(__name__)
    own.register_blueprint(pages.bp)
    own.register_blueprint(classroom.bp)
    coach.read(app, own)
