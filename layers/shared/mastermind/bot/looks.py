"""The colour and the emoji of each subject, so that members recognize a card (docs/rules/messages.md, Cards)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """The colour of a card's edge (0xRRGGBB), and the emoji before its heading."""

    color: int
    emoji: str

    def heading(self, words: str) -> str:
        return f"## {self.emoji} {words}"


GUIDE = Look(0x5B67E6, "🧭")
TODAY = Look(0xFFB454, "🌅")
CHALLENGES = Look(0x1ABC9C, "🎯")
DAYS = Look(0x4A90D9, "📝")
"""What members log; in the colour of their class if the answer has it."""

STREAK = Look(0xE67E22, "🔥")
REST = Look(0x52A675, "🌿")
FIGURES = Look(0x4A90D9, "📊")
"""A member's own figures; in the colour of their class if the answer has it."""

BOARDS = Look(0xF1C40F, "🏆")
WARRIOR = Look(0xD35400, "⚔️")
MAGE = Look(0x2E86C1, "🔮")
WON = Look(0x2ECC71, "🎉")
"""A level or a raid, in the moment it is reached."""

OVER = Look(0x7F8C8D, "🏁")
"""A raid that ended without being won."""

COURSE = Look(0x9B59B6, "🎓")
SETTINGS = Look(0x7F8C8D, "⚙️")
PRIVACY = Look(0x7F8C8D, "🔒")
MODERATION = Look(0x3F7CAC, "🛡️")
ADMIN = Look(0x607D8B, "🧰")
REPORT = Look(0x607D8B, "📈")
HEALTH = Look(0x7F8C8D, "🩺")
"""In the colour of its state; grey while that is unknown."""

NEED = Look(0x5B8DEF, "💙")
LOSS = Look(0xDA373C, "⚠️")
"""A question before something is lost for good; nothing else is red."""

RAIDS = {"warrior": WARRIOR, "mage": MAGE}
"""By the type of raid."""
