"""What `ops restore` does, step by step; each looks first at what is done already, and checks what it did."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from mastermind.errors import MigrationError
from mastermind.gateways import migrate_gate
from ops import backup, deletions, deploy, migrate, protection, recovery
from ops.command_line import confirm
from ops.restore import instances, opening, verdicts
from ops.restore.inside import Inside
from ops.restore.instances import DONE, SOURCE, STATE
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mastermind.operations.deletion_log import DeletionLog
    from ops.deploy import Step
    from ops.init.draft import Draft
    from ops.restore.instances import Instance
    from ops.target import Target

OTHER_NAME = "does not match host name"
"""How the function migrate says that the certificate has another name than the instance (libpq's words)."""

NOT_YET = ("gives no answer", "could not be done again", "could not be migrated")
"""What it says while a name that just changed is not known everywhere."""

TRIES, PAUSE = 12, 15.0
"""How often a renamed instance is asked before that is a failure, and seconds in between."""

FIGURES = ("BackupRetentionPeriod", "MaxAllocatedStorage")
"""The settings by which it is seen that RDS has changed them."""

AUTHORITY = "CACertificateIdentifier"
AUTHORITIES = ("rds-ca-rsa4096-g1", "rds-ca-rsa2048-g1")
"""Changing to another authority and back has RDS issue a certificate for the present name; the last is the
template's, and the functions trust both."""


@dataclass(frozen=True, slots=True)
class Log:
    """Where the deletion log is: in that bucket or folder, or else in the stack's own bucket."""

    bucket: str = ""
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Restoring:
    """A restore that has begun. `name` is the stack's instance, `keeps` the name that the old one gets, if any."""

    target: Target
    name: str
    keeps: str
    draft: Draft
    log: Log
    yes: bool = False

    def steps(self) -> Iterator[Step]:
        """Members may play again from the step `point`; what must be done before is not repeated after it."""
        if not self._is_pointed():
            yield "close", lambda: opening.close(self.target)
            yield "restore", self._wait
            yield "settings", self._set
            yield "switch", self._switch
            yield "handshake", self._shake_hands
            yield "migrations", self._migrate
            yield "warm up", self._warm
            yield "deletions", self._forget
            yield "ledger", self._add_up
        yield "point", self._point
        yield "protect", lambda: protection.turn_on(self.target)
        yield "logs", lambda: deploy.keep_logs(self.target)
        yield "backup", self._back_up
        yield "smoke", lambda: verdicts.play(self.target)
        yield "finish", self._finish

    def _fresh(self) -> Instance:
        """The restored instance, whatever its name is by now."""
        found = instances.under_way(self.target)
        if found is None:
            raise TargetError("The restored instance is gone: somebody has deleted it, or has removed its tags")
        return found

    def _is_pointed(self) -> bool:
        """Whether the functions may sign in to the restored instance."""
        return self.target.parameters.get("DatabaseResourceId") == self._fresh().resource_id

    # --- the instance ---

    def _wait(self) -> None:
        words = "RDS makes the instance (usually 10 to 30 min)"
        found = instances.wait(words, partial(instances.under_way, self.target))
        if lacking := instances.lacking(self.target, found):
            raise TargetError(f"{found.name} has not what the stack's database has: {', '.join(lacking)}")
        typer.echo(f"{found.name} is there, in the stack's subnets, behind its firewall, with its parameters.")

    def _set(self) -> None:
        """What a restore leaves out (RDS user guide, Restoring to a DB instance)."""
        fresh, wanted = self._fresh(), instances.declared(self.target)
        plain: dict[str, Any] = {
            "BackupRetentionPeriod": int(wanted["BackupRetentionPeriod"]),
            "MaxAllocatedStorage": int(wanted["MaxAllocatedStorage"]),
            "PreferredBackupWindow": wanted["PreferredBackupWindow"],
            "PreferredMaintenanceWindow": wanted["PreferredMaintenanceWindow"].lower(),
        }
        more: dict[str, Any] = {
            "EnablePerformanceInsights": True,
            "PerformanceInsightsRetentionPeriod": int(wanted["PerformanceInsightsRetentionPeriod"]),
        }
        if not fresh.secret:  # which RDS would have changed with the instance
            more |= self._owner()
        instances.modify(self.target, fresh.name, **plain, **more)
        instances.wait("RDS changes its settings", partial(self._with, plain, *FIGURES), seen=False)
        typer.echo(
            "It has the template's settings: backups, windows, growing storage, insights; and its owner's password."
        )

    def _owner(self) -> dict[str, Any]:
        """The password that the stack's secret has now, as it may have changed since; or RDS is to keep one."""
        if self.target.parameters.get("DatabaseSnapshot"):
            return {"ManageMasterUserPassword": True}
        secrets, arn = self.target.client("secretsmanager"), self.target.output("DatabaseSecretArn")
        return {"MasterUserPassword": call_aws(lambda: migrate_gate.connection(secrets, arn))["password"]}

    def _with(self, wanted: dict[str, Any], *names: str) -> Instance | None:
        """The restored instance once it has these properties: RDS begins a change a moment after it was asked for."""
        found = self._fresh()
        return found if all(found.described.get(name) == wanted[name] for name in names) else None

    def _switch(self) -> None:
        """The old one gets another name and stays; the new one gets its name, and with it its address."""
        fresh = self._fresh()
        if fresh.name == self.name:
            instances.wait_renamed(self.target, self.name)
            return typer.echo(f"The restored instance is {self.name} already.")
        if instances.named(self.target, self.name):
            instances.rename(self.target, self.name, self.keeps)
        instances.rename(self.target, fresh.name, self.name)
        return typer.echo(
            f"The restored instance is {self.name} now; the old one is kept as {self.keeps or 'nothing'}."
        )

    # --- what is in it ---

    def _shake_hands(self) -> None:
        """AWS does not say whether RDS makes a certificate for the new name of an instance: it is tried."""
        try:
            self._reach()
        except TargetError as error:
            if OTHER_NAME not in str(error):
                raise
            self._renew_certificate()
            self._reach()

    def _reach(self) -> None:
        """Sign in, with patience: a new name takes a minute to be known."""
        for tried in range(TRIES):
            try:
                deletions.origin_of(self.target)
            except TargetError as error:
                if OTHER_NAME in str(error) or tried == TRIES - 1 or not any(one in str(error) for one in NOT_YET):
                    raise
                typer.echo("It does not answer under its new name yet: that may take some minutes.")
                time.sleep(PAUSE)
            else:
                return

    def _renew_certificate(self) -> None:
        typer.echo("RDS has not made a certificate for the new name: another authority and back has it make one.")
        for authority in AUTHORITIES:
            instances.modify(self.target, self._fresh().name, **{AUTHORITY: authority})
            find = partial(self._with, {AUTHORITY: authority}, AUTHORITY)
            instances.wait(f"RDS issues a certificate by {authority}, and restarts", find, seen=False)

    def _migrate(self) -> None:
        try:
            typer.echo(f"The database has migration {migrate.apply(self.target)}; its roles may sign in by IAM.")
        except MigrationError as error:
            raise TargetError(str(error)) from None

    def _warm(self) -> None:
        """Only a help, so that no failure of it ends the restore."""
        rows, tables = 0, 0
        try:
            for found in Inside(self.target).warm():
                rows, tables = rows + sum(found.values()), tables + len(found)
                typer.echo(f"{rows:,} rows in {tables} tables were read once: what is read for the first time is slow.")
        except TargetError as error:
            typer.echo(f"Not every table was read: {error}. The first answers may be slow.", err=True)

    def _forget(self) -> None:
        log = self._read_log()
        verdicts.say_log(log)
        again = deletions.reapply_by_function(self.target, log.done)
        typer.echo(f"{again.deleted} members deleted again.")
        found = Inside(self.target).forgotten(log.done)
        if words := verdicts.of_deletions(found, again.playing):
            self._insist(f"{words}. docs/Troubleshooting.md, A restore drill fails, says what that means.")

    def _read_log(self) -> DeletionLog:
        try:
            log = deletions.log_of(self.target, self.log.bucket, self.log.folder)
            deletions.refuse_foreign(log, self.target)
        except deletions.LogError as error:
            raise TargetError(str(error)) from None
        return log

    def _add_up(self) -> None:
        if words := Inside(self.target).add_up().words:
            self._insist(
                f"{words}. The old database may have had that too: docs/Troubleshooting.md, The ledger drifts."
            )
        else:
            typer.echo("Every member's XP is the sum of their ledger, and so is the board.")

    def _insist(self, words: str) -> None:
        """Go on only if a person wants that."""
        typer.echo(words, err=True)
        if self.yes:
            raise typer.Exit(1)
        confirm("Go on nevertheless?", yes=False)

    # --- the game ---

    def _point(self) -> None:
        """The functions may sign in to the instance that these parameters name, and to no other."""
        recovery.wait_and_clear(self.target, yes=self.yes)
        fresh = self._fresh()
        wanted = {"DatabaseResourceId": fresh.resource_id, "OwnerSecretArn": fresh.secret}
        keep(self.draft, self.target, wanted)
        opening.open_again(self.target)
        changed = {name: value for name, value in wanted.items() if self.target.parameters.get(name, "") != value}
        if not changed:
            return typer.echo("The stack points at it.")
        typer.echo("The stack is updated: its functions may sign in to the restored instance (about 3 min).")
        try:
            self.target.set_parameters(changed)
        except TargetError:
            self.target.refresh()
            recovery.explain(self.target)
            raise
        return typer.echo("The stack points at it; members can play.")

    def _back_up(self) -> None:
        backup.show(backup.make(self.target), is_local=False)

    def _finish(self) -> None:
        """In the restored database's own audit log: the old one is not played on any more."""
        fresh = self._fresh()
        self.target.book("database.restore", {"source": fresh.tags[SOURCE], "instance": fresh.name})
        tag = [{"Key": STATE, "Value": DONE}]
        call_aws(
            lambda: self.target.client("rds").add_tags_to_resource(
                ResourceName=fresh.described["DBInstanceArn"], Tags=tag
            )
        )
        typer.echo("Done.")


def keep(draft: Draft, target: Target, wanted: dict[str, str]) -> None:
    """Write it into the settings, because every later deploy needs it; those of another stack are left alone."""
    known = draft.settings
    if known.stack not in {"", target.stack} or known.region not in {"", target.region}:
        lines = "\n".join(f'{name} = "{value}"' for name, value in wanted.items() if value)
        return typer.echo(
            f"{draft.file} is of another stack. Into [parameters] of this one's settings belongs:\n{lines}"
        )
    draft.place(target.stack, target.region)
    draft.put(**{name: value for name, value in wanted.items() if value or draft.get(name)})
    return typer.echo(f"{draft.file} has it, under [parameters]: every later deploy needs it.")


def so_far(line: str, step: str) -> str:
    """What exists when a restore ends at that step, and how to go on; `line` is the command."""
    match step:
        case "close" | "restore" | "settings":
            exists = "The old database is as it was. RDS goes on with what it was asked for; a second instance costs."
        case "switch" | "handshake" | "migrations" | "warm up" | "deletions" | "ledger":
            exists = "The game stays closed, and the old database is kept."
        case "point":
            exists = "The restored database is ready, and the stack does not use it yet."
        case _:
            exists = "The game is played on the restored database."
    return f"{exists} `{line}` goes on here, from any machine."
