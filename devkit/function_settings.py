"""Which settings each function reads from its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.config import (
    AnnouncedSettings,
    AwsSettings,
    CommandSettings,
    DatabaseSettings,
    DeployedSettings,
    DiscordSettings,
    GameSettings,
    LogSettings,
    MainSettings,
    NoticesSettings,
    NudgeSettings,
    PictureQueueSettings,
    RelaySettings,
    ReleaseSettings,
    SealSettings,
    StorageSettings,
    TenseySettings,
)
from mastermind.operations.config import (
    AlarmsSettings,
    AlertSettings,
    AnnouncerSettings,
    BackupSettings,
    CustomResourceSettings,
    GateSettings,
    HealthSettings,
    NeedSettings,
    OutboxSettings,
    PicturesSettings,
    ReportSettings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance

INTERACTIONS = (
    LogSettings,
    DiscordSettings,
    CommandSettings,
    DatabaseSettings,
    AwsSettings,
    GameSettings,
    ReleaseSettings,
)
FUNCTIONS: Mapping[str, tuple[type[DataclassInstance], ...]] = {
    "interactions_main": (
        *INTERACTIONS,
        NoticesSettings,
        NudgeSettings,
        MainSettings,
        DeployedSettings,
        StorageSettings,
        SealSettings,
        PictureQueueSettings,
    ),
    "interactions_tensey": (*INTERACTIONS, NoticesSettings, TenseySettings, SealSettings),
    "xp_award": (
        LogSettings,
        DatabaseSettings,
        AwsSettings,
        NudgeSettings,
        StorageSettings,
        ReleaseSettings,
    ),
    "relay": (
        LogSettings,
        CommandSettings,
        DatabaseSettings,
        AwsSettings,
        NoticesSettings,
        AnnouncedSettings,
        RelaySettings,
    ),
    "notify": (
        LogSettings,
        CommandSettings,
        AlarmsSettings,
        AnnouncerSettings,
        AlertSettings,
        NeedSettings,
        ReportSettings,
    ),
    "outbox": (LogSettings, OutboxSettings),
    "pictures": (LogSettings, PicturesSettings),
    "healthcheck": (LogSettings, HealthSettings, CustomResourceSettings),
    "backup": (LogSettings, BackupSettings),
    "migrate": (LogSettings, DatabaseSettings),
    "migrate_gate": (LogSettings, GateSettings, CustomResourceSettings),
}
