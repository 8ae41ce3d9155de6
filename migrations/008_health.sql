-- Why: the health check keeps its state outside the database, which cannot record that it is down. When an outage is
-- over it is recorded here, so that no streak breaks over a day on which the game was down. The last report of the
-- check is kept for /health and /security health. Each check writes a row, because a read-only database still answers
-- queries.

-- One row per outage, from the first bad check to the second good one in a row. The time it began is its key: the check
-- reports an outage again until it is sure that it is recorded.
CREATE TABLE outages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    began timestamptz NOT NULL UNIQUE,
    ended timestamptz NOT NULL,
    probes text[] NOT NULL CHECK (pg_column_size(probes) <= 2000),
    counts boolean NOT NULL DEFAULT true, -- until an admin decides that it bridges no streak
    CHECK (ended > began AND ended - began <= interval '14 days')
);
-- To find the outages of a day.
CREATE INDEX outages_by_end ON outages (ended);

-- One row: the last report.
CREATE TABLE health_reports (
    last boolean PRIMARY KEY DEFAULT true CHECK (last),
    at past_moment NOT NULL,
    healthy boolean NOT NULL,
    report jsonb NOT NULL CHECK (jsonb_typeof(report) = 'object' AND length(report::text) < 10000)
);

-- One row: when the database was last probed and could be written.
CREATE TABLE health_probes (
    last boolean PRIMARY KEY DEFAULT true CHECK (last),
    at past_moment NOT NULL
);

-- Record an outage that is over; one that is known already changes nothing. Returns whether it was new. It bridges
-- streaks, so the input is limited: it ended in the last week and not in the future, and of a longer one the last 14
-- days count (docs/rules/health.md, Outages).
CREATE FUNCTION record_outage(began timestamptz, ended timestamptz, probes text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    at CONSTANT timestamptz := clock_timestamp();
BEGIN
    IF record_outage.ended NOT BETWEEN at - interval '7 days' AND at + interval '1 minute' THEN
        RAISE invalid_parameter_value USING MESSAGE = 'an outage is recorded within a week of its end';
    END IF;
    INSERT INTO outages (began, ended, probes)
    VALUES (
        greatest(record_outage.began, record_outage.ended - interval '14 days'), record_outage.ended,
        record_outage.probes
    )
    ON CONFLICT ON CONSTRAINT outages_began_key DO NOTHING;
    RETURN FOUND;
END
$$;
GRANT SELECT ON outages, health_reports TO app_main, app_award;
GRANT UPDATE (counts) ON outages TO app_main;
GRANT EXECUTE ON FUNCTION record_outage TO app_award;
GRANT SELECT (last, at), INSERT (at), UPDATE (at) ON health_probes TO app_award; -- SELECT: to find the row in the way
GRANT INSERT (at, healthy, report), UPDATE (at, healthy, report) ON health_reports TO app_award;

-- Delete large objects of any role; returns how many. The game creates none, so its callers can do no harm, and on RDS
-- the right to create them cannot be revoked. Only a member of their role may delete them: the owner of the database is
-- one for this statement.
CREATE FUNCTION remove_large_objects(most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    maker text;
    found int;
    removed int := 0;
BEGIN
    FOR maker IN SELECT DISTINCT lomowner::regrole::text FROM pg_largeobject_metadata ORDER BY 1 LOOP
        IF maker LIKE 'app\_%' THEN
            EXECUTE format('GRANT %s TO CURRENT_USER', maker);
        END IF;
        SELECT count(lo_unlink(oid)) INTO found
        FROM (
            SELECT oid FROM pg_largeobject_metadata WHERE lomowner = maker::regrole
            LIMIT least(greatest(most, 0), 1000) - removed
        ) AS chosen;
        removed := removed + found;
        IF maker LIKE 'app\_%' THEN
            EXECUTE format('REVOKE %s FROM CURRENT_USER', maker);
        END IF;
    END LOOP;
    RETURN removed;
END
$$;
GRANT EXECUTE ON FUNCTION remove_large_objects(int) TO app_main;
