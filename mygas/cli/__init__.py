"""Commands of the portal. They call the rooms and print."""

from flask import Flask

from mygas.cli import audit, doctor, exports, keeping, operators, print_run, registries, running


def register(app: Flask) -> None:
    """Give the app its commands."""
    for command in (
        running.up_command,
        running.serve_command,
        running.worker_command,
        running.bank_command,
        keeping.backup_command,
        keeping.restore_command,
        doctor.doctor_command,
        operators.operator_commands,
        audit.audit_commands,
        print_run.print_run,
    ):
        app.cli.add_command(command)
    app.cli.command("import")(registries.load_registry)
    app.cli.command("export")(exports.export_registry)
    app.cli.command("demo-data")(registries.make_demo_data)
