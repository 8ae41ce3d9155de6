"""Everything that operates the game: health, alerts, backups, migrations, the operators' queries."""
