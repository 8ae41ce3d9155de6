"""What can be taken away from the award to see that the chaos run would notice: a condition, a clock, the sweep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

WITHOUT: LiteralString = """
DO $$
BEGIN
    ASSERT strpos(pg_get_functiondef('apply_award'::regproc), $part${part}$part$) > 0, 'the award has changed';
    EXECUTE replace(pg_get_functiondef('apply_award'::regproc), $part${part}$part$, '');
END
$$;
"""


@dataclass(frozen=True, slots=True)
class Break:
    """`schema` is done to that run's own database; of the award's delay the queue waits `share`.

    Of the ticks the share `undone` is taken back.
    """

    meaning: str
    schema: LiteralString = ""
    sweeps: bool = True
    share: float = 1.0
    undone: float = 0.35


BREAKS = {
    "status": Break(
        "awards whatever is due, pending or not, and nothing else stops a second booking",
        WITHOUT.replace("{part}", " AND awards.status = 'pending'")
        + "ALTER POLICY award_awards ON pending_xp_awards USING (true);"
        " ALTER TABLE xp_ledger DROP CONSTRAINT xp_ledger_source_source_id_kind_key",
    ),
    "due": Break(
        "awards whenever a message comes",
        WITHOUT.replace("{part}", " AND awards.due_at <= clock_timestamp()"),
        share=0.1,  # however slow the machine is, messages come before their time
    ),
    "sweep": Break("never sweeps", sweeps=False, undone=0.0),  # each lost message is a lost award
}
NOTHING = Break("")
