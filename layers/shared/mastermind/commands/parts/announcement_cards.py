"""What the bot posts of an announcement: a card with buttons for everybody (docs/rules/announcements.md, Cards)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import custom_ids, looks
from mastermind.commands.parts import raid_cards
from mastermind.discord import avatars
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Section, Text
from mastermind.discord.text import name
from mastermind.game.announcements import words
from mastermind.game.announcements.rules import Digest, LevelUp, Milestone, RaidCompleted, RaidFailed, RaidStarted
from mastermind.game.cheers.rules import Cheers
from mastermind.game.levels import content as levels
from mastermind.game.raids.rules import RaidStatus, Stage, stage
from mastermind.game.weeks.rules import ServerWeek

if TYPE_CHECKING:
    from mastermind.discord.components import ContainerPart
    from mastermind.game.announcements.queued import Announcement
    from mastermind.game.announcements.rules import Celebration
    from mastermind.game.raids.table import Raid

NOBODY = Cheers(0, ())

CHEER = "scorecard", "cheer"
"""The command and the action of the button. Its arguments: the kind, and the digest, or the member and the figure."""

DIGEST = "digest"
"""The kind of a digest there."""


def card(announcement: Announcement, cheers: Cheers = NOBODY) -> Container:
    """The card; `cheers` are those that it has so far, where one can cheer."""
    match announcement:
        case Milestone() | LevelUp():
            return _celebration(announcement, cheers)
        case Digest():
            parts = (_said(announcement), *_cheers(cheers), Row((_cheer(DIGEST, announcement.digest_id),)))
            return Container(parts, looks.WON.color)
        case RaidStarted():
            return _raid(_said(announcement), announcement.raid_id, looks.RAIDS[announcement.type], _log())
        case RaidCompleted():
            return _raid(_said(announcement), announcement.raid_id, looks.WON)
        case RaidFailed():
            return _raid(_said(announcement), announcement.raid_id, looks.OVER)
        case ServerWeek():
            return Container((_said(announcement), Row((_log(),))), looks.BOARDS.color)


def of_raid(raid: Raid) -> Container:
    """The post about a raid as it stands now, which takes the place of the one about its start."""
    match raid.status:
        case RaidStatus.ACTIVE:
            return _raid(Text(_running(raid)), raid.raid_id, looks.RAIDS[raid.type], _log())
        case RaidStatus.COMPLETED:
            return card(RaidCompleted(raid.raid_id, raid.type, raid.target, raid.total, raid.contributors, top=""))
        case RaidStatus.FAILED:
            return card(RaidFailed(raid.raid_id, raid.type, raid.target, raid.total, raid.contributors))
        case RaidStatus.CANCELLED:
            said = f"### {looks.OVER.emoji} An admin has ended the **{raid.type} raid**.\nWhat you logged keeps its XP."
            return _raid(Text(said), raid.raid_id, looks.OVER)


def _running(raid: Raid) -> str:
    what = f"**{raid.type} raid**"
    is_near = stage(raid.status, raid.total, raid.target) is Stage.NEARLY
    headline = f"The {what} is nearly won!" if is_near else f"Half of the {what} is done!"
    how = f"It ends {raid_cards.moment(raid.ends_at)}. What you log for today counts automatically."
    return f"### {looks.RAIDS[raid.type].emoji} {headline}\n{raid_cards.progress(raid)}\n{how}"


def _raid(said: Text, raid_id: int, look: looks.Look, *buttons: Button) -> Container:
    status = Button("Raid status", custom_ids.make("raid-status", "open", 0, raid_id))
    return Container((said, Row((*buttons, status))), look.color)


def _log() -> Button:
    return Button("Log today", custom_ids.make("submit-stats", "open", 0), ButtonStyle.PRIMARY)


def _celebration(celebrated: Celebration, cheers: Cheers) -> Container:
    """In the colour of the class that was reached, with the member's picture."""
    figure = celebrated.level if isinstance(celebrated, LevelUp) else celebrated.challenges
    picture = avatars.always(celebrated.user_id, celebrated.display_name, celebrated.avatar)
    button = _cheer(celebrated.kind.value, celebrated.user_id, figure)
    parts = (Section((_said(celebrated),), picture), *_cheers(cheers), Row((button,)))
    return Container(parts, levels.of_level(max(1, celebrated.level)).color)


def _said(announcement: Announcement) -> Text:
    headline, rest = words.of(announcement)
    return Text(f"### {headline}\n{rest}".rstrip())


def _cheer(kind: str, *arguments: int) -> Button:
    path, action = CHEER
    return Button("Cheer", custom_ids.make(path, action, 0, kind, *arguments), emoji="👏")


def _cheers(cheers: Cheers) -> tuple[ContainerPart, ...]:
    return (Text(f"👏 {_counted(cheers)}"),) if cheers.count else ()


def _counted(cheers: Cheers) -> str:
    """As in "7 · Sam, Lena and 5 others"; who is not named in public is counted alone."""
    if not cheers.named:
        return f"{cheers.count:,}"
    named = [name(each) for each in cheers.named]
    if others := cheers.count - len(named):
        named.append(f"{others:,} other{'' if others == 1 else 's'}")
    return f"{cheers.count:,} · {' and '.join(filter(None, (', '.join(named[:-1]), named[-1])))}"
