-- Why: a week ends with a few words about it: to a member who wants them on Sunday evening (015), for the server in an
-- announcement on Monday (docs/rules/weeks.md). What they say follows from the totals of the week, which are kept for
-- as long as that takes (013). The report to the admins is stored as it was then: looked at again and again it stays
-- the same, so nobody can compute from two of them what one member did (docs/rules/report.md).
--
-- Lock order: the announcement is inserted alone, and its key makes it once; so is a report.

-- The Monday of the week that is over and not old yet: on a Monday from 18:00 on by the clock of the deployment. Until
-- the end of that day members can log Sunday, and many have by then. NULL at any other time.
CREATE FUNCTION week_to_announce(at timestamptz, zone text) RETURNS date
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT day - 7
    FROM (SELECT local_day(at, zone) AS day) AS today
    WHERE extract(isodow FROM day) = 1 AND at >= clock_reaches(day + interval '18 hours', zone)
$$;
GRANT EXECUTE ON FUNCTION week_to_announce(timestamptz, text) TO app_outbox;

-- What the admins are told of a week, in figures without a name; one row for each week, by its Monday.
CREATE TABLE weekly_reports (
    week past_day PRIMARY KEY,
    figures jsonb NOT NULL CHECK (
        jsonb_typeof(figures) = 'object'
        AND pg_column_size(figures) <= 16000
        AND NOT jsonb_path_exists(
            figures, 'strict $.** ? (@.type() == "string" && !(@ like_regex "^[-A-Za-z0-9_]{0,100}$"))'
        )
        AND NOT jsonb_path_exists(figures, 'strict $.** ? (@ < -1000000000000 || @ > 1000000000000)')
    ), -- words are composed when it is read
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    claimed_until near_moment, -- until then one process is sending it
    sent_at past_moment
);

-- The Monday of the week that a report is due about: from the Monday after it, 18:00 by the clock of the deployment, to
-- the Saturday that follows; later the totals of the week before it may be gone. NULL at any other time.
CREATE FUNCTION week_to_report(at timestamptz, zone text) RETURNS date
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT monday - 7
    FROM (SELECT day, date_trunc('week', day::timestamp)::date AS monday FROM local_day(at, zone) AS day) AS today
    WHERE day < monday + 6 AND at >= clock_reaches(monday + interval '18 hours', zone)
$$;

GRANT SELECT, INSERT (week, figures), UPDATE (claimed_until, sent_at) ON weekly_reports TO app_outbox;
GRANT SELECT ON weekly_reports TO app_main;
GRANT SELECT ON health_reports TO app_outbox;
GRANT EXECUTE ON FUNCTION week_to_report(timestamptz, text), period_now(text, text) TO app_outbox;

-- Who is new, among a million members.
CREATE INDEX users_by_age ON users (created_at);

GRANT INSERT (key, kind, details) ON announcements TO app_outbox;
GRANT SELECT ON xp_totals, board_counts, faction_totals, factions TO app_outbox;
GRANT SELECT (user_id, day, xp) ON xp_ledger TO app_outbox;
CREATE POLICY outbox_reads ON xp_ledger FOR SELECT TO app_outbox USING (true);
GRANT EXECUTE ON FUNCTION period_of(text, date), members_listed(text, text), members_ahead(text, text, bigint, bigint),
board_leaf(bigint, bigint) TO app_outbox;
