"""Where exports lie that are too large for a message, and for how long."""

from datetime import timedelta

EXPORTS = "exports/"
"""Below it exports lie for two days at most: S3 removes them after the midnight (UTC) that follows the first day."""

LINK = timedelta(minutes=15)
"""For so long an export's link is good (docs/rules/privacy.md, Export)."""
