"""How Alembic meets our database: the app's engine, each migration in a transaction of its own that may write."""

from alembic import context
from flask import current_app

from mygas.extensions import set_journal, transactions_may_write

db = current_app.extensions["migrate"].db


def run() -> None:
    """Upgrade or compare the live database; there is no offline mode."""
    set_journal(db.engine)
    with transactions_may_write(), db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
