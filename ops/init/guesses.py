"""What the operator need not type: guesses from this machine, from AWS and from the names in a server."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mastermind.game.settings import content as time_zones
from ops import template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REGIONS: Mapping[str, str] = {
    "us-east-1": "N. Virginia", "us-east-2": "Ohio", "us-west-1": "N. California", "us-west-2": "Oregon",
    "ca-central-1": "Canada", "sa-east-1": "São Paulo", "eu-central-1": "Frankfurt", "eu-west-1": "Ireland",
    "eu-west-2": "London", "eu-west-3": "Paris", "eu-north-1": "Stockholm", "eu-south-1": "Milan",
    "me-south-1": "Bahrain", "af-south-1": "Cape Town", "ap-south-1": "Mumbai", "ap-southeast-1": "Singapore",
    "ap-southeast-2": "Sydney", "ap-northeast-1": "Tokyo", "ap-northeast-2": "Seoul", "ap-east-1": "Hong Kong",
    "ap-northeast-3": "Osaka", "ap-south-2": "Hyderabad", "ap-southeast-3": "Jakarta", "ap-southeast-4": "Melbourne",
    "eu-central-2": "Zurich", "eu-south-2": "Spain", "me-central-1": "Emirates",
}  # fmt: skip
"""Where the regions are, those first that more communities are near to."""

NEAR: Sequence[tuple[str, str]] = (
    ("Europe/(London|Dublin|Lisbon)", "eu-west-1"), ("Europe/(Stockholm|Oslo|Helsinki)", "eu-north-1"),
    ("Europe/", "eu-central-1"), ("Africa/", "eu-south-1"),
    ("America/(Los_Angeles|Vancouver|Denver|Phoenix)", "us-west-2"), ("America/(Sao_Paulo|Argentina)", "sa-east-1"),
    ("America/(Toronto|Montreal|Halifax)", "ca-central-1"), ("America/", "us-east-1"),
    ("Asia/(Kolkata|Calcutta|Karachi|Colombo)", "ap-south-1"), ("Asia/Tokyo", "ap-northeast-1"),
    ("Asia/Seoul", "ap-northeast-2"), ("Asia/", "ap-southeast-1"), ("(Australia|Pacific)/", "ap-southeast-2"),
)  # fmt: skip

LOCAL_TIME = Path("/etc/localtime")
MAIL = re.compile(r"[^@\s/]+@[^@\s/]+\.[^@\s/]+")


def regions() -> list[str]:
    """Those in which a game can be, in that order; one that is not in it comes last."""
    return sorted(template.regions(), key=lambda one: list(REGIONS).index(one) if one in REGIONS else len(REGIONS))


def region(zone: str) -> str:
    """The region that is near to a time zone."""
    return next((region for pattern, region in NEAR if re.match(pattern, zone)), "us-east-1")


def time_zone() -> str:
    """The zone of this machine by the name that is offered for it; UTC if it does not say."""
    named = os.environ.get("TZ", "").lstrip(":")
    linked = str(LOCAL_TIME.resolve()).partition("zoneinfo/")[2] if LOCAL_TIME.exists() else ""
    known = time_zones.known()
    return next((known[one] for one in (named, linked) if one in known), "UTC")


def mail(arn: str) -> str:
    """From who signed in to AWS, which names the person under single sign-on, else from git; empty if neither does."""
    git = subprocess.run(["git", "config", "user.email"], capture_output=True, text=True, check=False)  # noqa: S607
    found = (MAIL.search(one) for one in (arn.rpartition("/")[2], git.stdout.strip()))
    return next((one[0] for one in found if one and not one[0].endswith((".local", ".invalid", "@localhost"))), "")


def named(names: Sequence[str], *patterns: str) -> int:
    """The number, from 1, of the first name that fits; the earlier patterns count more. 0 if none fits."""
    for pattern in patterns:
        for number, name in enumerate(names, 1):
            if re.search(pattern, name, flags=re.IGNORECASE):
                return number
    return 0


# --- the database's nights ---

WINTER, SUMMER = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC)  # Mondays


def windows(zone: str) -> dict[str, str]:
    """When RDS makes its backup and may restart the database, in UTC: 04:30 and 05:30 there, an hour later in summer.

    The game's own snapshot is made before (docs/rules/backups.md).
    """
    standard = min(time_zones.offset(zone, at) for at in (WINTER, SUMMER))
    night = WINTER + timedelta(days=1, hours=4, minutes=30) - standard  # a Tuesday there
    first, second, third, fourth = (night + n * timedelta(minutes=30) for n in range(4))
    return {
        "BackupWindow": f"{first:%H:%M}-{second:%H:%M}",
        "MaintenanceWindow": f"{third:%a:%H:%M}-{fourth:%a:%H:%M}".lower(),
    }
