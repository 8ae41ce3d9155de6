"""The operator's tool: `uv run ops --help`."""

from __future__ import annotations

import typer

from ops import (
    awards,
    backup,
    buttons,
    content,
    course,
    deletions,
    deploy,
    docs,
    doctor,
    drill,
    launch,
    logs,
    migrate,
    previous,
    records,
    register,
    smoke,
    status,
)

app = typer.Typer(
    help="What operators and developers do beside `sam deploy`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # a bot token may be among them
)
app.command("doctor")(doctor.doctor)
app.command("smoke")(smoke.smoke)
app.command("deploy")(deploy.deploy)
app.command("launch-check")(launch.launch_check)
app.command("migrate")(migrate.migrate)
app.command("health")(status.health)
app.command("awards")(awards.awards)
app.command("backup")(backup.backup)
app.command("restore-drill")(drill.restore_drill)
app.command("logs")(logs.logs)
app.command("audit")(records.audit)
app.command("export-data")(records.export_data)
app.command("register")(register.register)
app.command("post-buttons")(buttons.post_buttons)
app.command("check-content")(content.check_content)
app.command("seed-course")(course.seed_course)
app.command("reapply-deletions")(deletions.reapply_deletions)
app.command("try-release")(previous.try_release)
app.command("docs")(docs.docs)


@app.callback()
def main_options() -> None:
    """What operators and developers do beside `sam deploy`."""


def main() -> None:
    app()


if __name__ == "__main__":
    main()
