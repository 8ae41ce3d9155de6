"""Everything outside that is not PostgreSQL: one small class per AWS service, and webhooks."""
