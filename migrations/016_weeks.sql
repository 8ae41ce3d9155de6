-- Why: a week ends with a few words about it: to a member who wants them on Sunday evening (015), for the server in an
-- announcement on Monday (docs/rules/weeks.md). What they say follows from the totals of the week, which are kept for as
-- long as that takes (013).
--
-- Lock order: the announcement is inserted alone, and its key makes it once. Nothing else is written.

-- The Monday of the week that is over and not old yet: on a Monday from 18:00 on by the clock of the deployment. Until the
-- end of that day members can log Sunday, and many have by then. NULL at any other time.
CREATE FUNCTION week_to_announce(at timestamptz, zone text) RETURNS date
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT day - 7
    FROM (SELECT local_day(at, zone) AS day) AS today
    WHERE extract(isodow FROM day) = 1 AND at >= clock_reaches(day + interval '18 hours', zone)
$$;
GRANT EXECUTE ON FUNCTION week_to_announce(timestamptz, text) TO app_outbox;

-- Who is new, among a million members.
CREATE INDEX users_by_age ON users (created_at);

GRANT INSERT (key, kind, details) ON announcements TO app_outbox;
GRANT SELECT ON xp_totals, board_counts, faction_totals, factions TO app_outbox;
GRANT SELECT (user_id, day, xp) ON xp_ledger TO app_outbox;
CREATE POLICY outbox_reads ON xp_ledger FOR SELECT TO app_outbox USING (true);
GRANT EXECUTE ON FUNCTION period_of(text, date), members_listed(text, text), members_ahead(text, text, bigint, bigint),
board_leaf(bigint, bigint) TO app_outbox;
