"""The migrations make the tables that the models describe, and can be taken back."""

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from mygas.extensions import db, transactions_may_write


def test_migrations_equal_models(app):
    with app.app_context(), transactions_may_write(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": db.metadata})
        assert compare_metadata(context, db.metadata) == []


def test_clustered_tables_are_clustered(app):
    """Alembic does not compare SQLite's own table options, so they are asked for here."""
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            return
        made = dict(db.session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all())
        for table in db.metadata.tables.values():
            options = table.dialect_options["sqlite"]
            assert ("WITHOUT ROWID" in made[table.name].upper()) is (options["with_rowid"] is False), table.name
            assert ("AUTOINCREMENT" in made[table.name].upper()) is bool(options["autoincrement"]), table.name


def test_down_and_up_again(app):
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
        flask_migrate.upgrade()
        assert set(inspect(db.engine).get_table_names()) == {"alembic_version", *db.metadata.tables}
