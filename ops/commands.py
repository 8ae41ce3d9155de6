"""The commands of the operator's tool, in the groups of its help."""

from __future__ import annotations

import typer

from ops import (
    adopting,
    audit_chain,
    awards,
    backup,
    bot,
    buttons,
    content,
    course,
    deletions,
    deploy,
    docs,
    doctor,
    drill,
    large_objects,
    launch,
    ledger,
    load,
    logs,
    migrate,
    outbox,
    passwords,
    preflight,
    records,
    register,
    remove,
    report,
    rotating,
    settings,
    smoke,
    status,
    throttle,
    try_release,
)
from ops.dead_letters import commands as queues
from ops.init import command as init
from ops.init import webhooks
from ops.restore import command as restore

DEPLOY, OBSERVE, RECOVER, DEVELOP = "Deploy", "Observe", "Recover", "Develop"
"""The groups of commands in the help."""

app = typer.Typer(
    help="What operators and developers do beside `sam deploy`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # a bot token may be among them
)
app.command("init", rich_help_panel=DEPLOY)(init.init)
app.command("settings", rich_help_panel=DEPLOY)(adopting.write_settings)
app.command("preflight", rich_help_panel=DEPLOY)(preflight.preflight)
app.command("deploy", rich_help_panel=DEPLOY)(deploy.deploy)
app.command("migrate", rich_help_panel=DEPLOY)(migrate.migrate)
app.command("register", rich_help_panel=DEPLOY)(register.register)
app.command("invite", rich_help_panel=DEPLOY)(bot.invite)
app.command("token", rich_help_panel=DEPLOY)(bot.token)
app.command("rotate-token", rich_help_panel=DEPLOY)(rotating.rotate_token)
app.command("rotate-password", rich_help_panel=DEPLOY)(passwords.rotate_password)
app.command("rotate-webhook", rich_help_panel=DEPLOY)(webhooks.rotate_webhook)
app.command("post-buttons", rich_help_panel=DEPLOY)(buttons.post_buttons)
app.command("seed-course", rich_help_panel=DEPLOY)(course.seed_course)
app.command("smoke", rich_help_panel=DEPLOY)(smoke.smoke)
app.command("launch-check", rich_help_panel=DEPLOY)(launch.launch_check)
app.command("remove", rich_help_panel=DEPLOY)(remove.remove)
app.command("doctor", rich_help_panel=OBSERVE)(doctor.doctor)
app.command("health", rich_help_panel=OBSERVE)(status.health)
app.command("report", rich_help_panel=OBSERVE)(report.report)
app.command("awards", rich_help_panel=OBSERVE)(awards.awards)
app.command("outbox", rich_help_panel=OBSERVE)(outbox.outbox)
app.command("ledger-show", rich_help_panel=OBSERVE)(ledger.ledger_show)
app.command("queue-look", rich_help_panel=OBSERVE)(queues.queue_look)
app.command("logs", rich_help_panel=OBSERVE)(logs.logs)
app.command("audit", rich_help_panel=OBSERVE)(records.audit)
app.command("audit-verify", rich_help_panel=OBSERVE)(audit_chain.audit_verify)
app.command("export-data", rich_help_panel=OBSERVE)(records.export_data)
app.command("throttle", rich_help_panel=RECOVER)(throttle.throttle)
app.command("ledger-repair", rich_help_panel=RECOVER)(ledger.ledger_repair)
app.command("large-objects", rich_help_panel=RECOVER)(large_objects.large_objects)
app.command("queue-redrive", rich_help_panel=RECOVER)(queues.queue_redrive)
app.command("queue-drop", rich_help_panel=RECOVER)(queues.queue_drop)
app.command("backup", rich_help_panel=RECOVER)(backup.backup)
app.command("restore", rich_help_panel=RECOVER)(restore.restore)
app.command("restore-drill", rich_help_panel=RECOVER)(drill.restore_drill)
app.command("reapply-deletions", rich_help_panel=RECOVER)(deletions.reapply_deletions)
app.command("check-content", rich_help_panel=DEVELOP)(content.check_content)
app.command("load", rich_help_panel=DEVELOP)(load.load)
app.command("try-release", rich_help_panel=DEVELOP)(try_release.try_release)
app.command("docs", rich_help_panel=DEVELOP)(docs.docs)


@app.callback()
def main_options(context: typer.Context, settings_file: settings.SettingsFile = settings.FILE) -> None:
    """What operators and developers do beside `sam deploy`."""
    commands = [one.name or "" for one in app.registered_commands]
    context.default_map = settings.defaults(settings.read(settings_file), settings_file, commands)
