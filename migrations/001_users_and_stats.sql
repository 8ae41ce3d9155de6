-- Why: everything in the game belongs to a member. This first area brings the roles our functions enter under, the
-- members, the two factions, the append-only ledger that explains every XP a member has, and the figures derived from
-- it: levels, totals by period, exact ranks. A ledger row and all figures that follow from it change in one
-- transaction, by triggers, so that no code can book one without the other (docs/rules/awards.md, Invariants).
--
-- Global lock order: users (ascending id), raid, awards, ledger, counters (rank buckets, factions; ascending key).
-- One statement locks its counters in order; two statements in one transaction would not. So a transaction moves counters
-- once: it books all its ledger rows, those of one member only, in one INSERT, and does not also hide, show or first
-- meet a member.

-- Nobody reaches anything that was not granted to them by name.
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- One role per function (docs/rules/reach.md). On RDS they enter with an IAM token, which takes membership in rds_iam;
-- elsewhere with a password that is set outside of the migrations. Roles belong to the whole cluster: a second database
-- (a restore drill) finds them already there.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['app_main', 'app_tensey', 'app_award'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role_name);
        END IF;
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN
            EXECUTE format('GRANT rds_iam TO %I', role_name);
        END IF;
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role_name);
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role_name);
    END LOOP;
END
$$;

-- An interaction must be answered within 2.5 s; an award may take longer, the queue has time.
ALTER ROLE app_main SET statement_timeout = '2s';
ALTER ROLE app_main SET lock_timeout = '1500ms';
ALTER ROLE app_main SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE app_tensey SET statement_timeout = '2s';
ALTER ROLE app_tensey SET lock_timeout = '1500ms';
ALTER ROLE app_tensey SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE app_award SET statement_timeout = '5s';
ALTER ROLE app_award SET lock_timeout = '2s';
ALTER ROLE app_award SET idle_in_transaction_session_timeout = '5s';

-- The limits follow the size of the instance, so the migration runner calls this after every run, too. Together the
-- roles get at most 70 % of max_connections: the rest is for the owner, for operators and for the server itself.
CREATE FUNCTION set_connection_limits() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    most int := current_setting('max_connections')::int;
BEGIN
    EXECUTE format('ALTER ROLE app_main CONNECTION LIMIT %s', greatest(1, most * 30 / 100));
    EXECUTE format('ALTER ROLE app_tensey CONNECTION LIMIT %s', greatest(1, most * 30 / 100));
    EXECUTE format('ALTER ROLE app_award CONNECTION LIMIT %s', greatest(1, most * 10 / 100));
END
$$;
SELECT set_connection_limits();

-- The one place where a day is derived from a moment: the member's own calendar (docs/rules/days.md).
CREATE FUNCTION local_day(at timestamptz, zone text) RETURNS date
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$ SELECT (at AT TIME ZONE zone)::date $$;
GRANT EXECUTE ON FUNCTION local_day(timestamptz, text) TO app_main, app_tensey, app_award;

-- The name order is the rule for ties: Luminarchs first (docs/rules/factions.md).
CREATE TABLE factions (
    name text PRIMARY KEY,
    members bigint NOT NULL DEFAULT 0 CHECK (members >= 0)
);
INSERT INTO factions (name) VALUES ('Luminarchs'), ('Noctivores');

-- The level is generated from the 50 thresholds (docs/rules/levels.md), so it cannot drift from the XP; a test compares
-- them with the rule in the code. XP below zero (an admin's correction) counts as none.
CREATE TABLE users (
    user_id bigint PRIMARY KEY CHECK (user_id > 0),
    display_name text NOT NULL,
    xp bigint NOT NULL DEFAULT 0,
    level int NOT NULL GENERATED ALWAYS AS (width_bucket(greatest(xp, 0), '{
        0, 500, 1200, 2000, 3000, 4200, 5600, 7200, 9000, 11000,
        13200, 15600, 18200, 21000, 24000, 27200, 30600, 34200, 38000, 42000,
        46200, 50600, 55200, 60000, 65000, 70200, 75600, 81200, 87000, 93000,
        99200, 105600, 112200, 119000, 126000, 133200, 140600, 148200, 156000, 164000,
        172200, 180600, 189200, 198000, 207000, 216200, 225600, 235200, 245000, 255000
    }'::bigint[])) STORED,
    social_freedom_exercises_tenseys int NOT NULL DEFAULT 0 CHECK (social_freedom_exercises_tenseys >= 0),
    faction text REFERENCES factions,
    time_zone text NOT NULL,
    hidden boolean NOT NULL DEFAULT false,
    settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- A rank counts the visible members of one's own bucket who have more XP.
CREATE INDEX users_visible_by_xp ON users (xp) WHERE NOT hidden;

-- How many visible members stand in each bucket of a board: an exact rank without reading every member. On the board
-- "xp" a bucket is 100 XP wide, on the board "tensey" it is one completed challenge.
CREATE TABLE rank_buckets (
    board text NOT NULL CHECK (board IN ('tensey', 'xp')),
    bucket bigint NOT NULL,
    members bigint NOT NULL,
    PRIMARY KEY (board, bucket)
);

-- One row of users can move two buckets on each board; they are locked in ascending key order.
CREATE FUNCTION keep_rank_buckets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO rank_buckets AS kept (board, bucket, members)
    SELECT board, bucket, sum(change)
    FROM (
        SELECT 'xp' AS board, greatest(OLD.xp, 0) / 100 AS bucket, -1 AS change WHERE NOT OLD.hidden
        UNION ALL
        SELECT 'tensey', OLD.social_freedom_exercises_tenseys, -1 WHERE NOT OLD.hidden
        UNION ALL
        SELECT 'xp', greatest(NEW.xp, 0) / 100, 1 WHERE NOT NEW.hidden
        UNION ALL
        SELECT 'tensey', NEW.social_freedom_exercises_tenseys, 1 WHERE NOT NEW.hidden
    ) AS moves
    GROUP BY board, bucket
    HAVING sum(change) <> 0
    ORDER BY board, bucket
    ON CONFLICT (board, bucket) DO UPDATE SET members = kept.members + EXCLUDED.members;
    RETURN NULL;
END
$$;

-- Each first contact locks both factions, so two of them never choose from the same counts. Triggers of one event fire
-- in the order of their names: rank buckets before factions, as the lock order wants it.
CREATE FUNCTION place_in_faction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    smaller text;
BEGIN
    PERFORM FROM factions ORDER BY name FOR UPDATE;
    SELECT name INTO smaller FROM factions ORDER BY members, name LIMIT 1;
    UPDATE factions SET members = members + 1 WHERE name = smaller;
    UPDATE users SET faction = smaller WHERE user_id = NEW.user_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION leave_faction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE factions SET members = members - 1 WHERE name = OLD.faction;
    RETURN NULL;
END
$$;

CREATE TRIGGER keep_rank_buckets
AFTER INSERT OR DELETE OR UPDATE OF xp, social_freedom_exercises_tenseys, hidden ON users
FOR EACH ROW EXECUTE FUNCTION keep_rank_buckets();
CREATE TRIGGER place_in_faction AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION place_in_faction();
CREATE TRIGGER leave_faction AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION leave_faction();

-- Every change of XP is one row: who, how much, what for, for which day, when. Rows are never changed; a correction is a
-- new row. (source, source_id, kind) makes a repeated booking impossible: an award once, its reversal once.
CREATE TABLE xp_ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    xp bigint NOT NULL,
    kind text NOT NULL,
    source text NOT NULL,
    source_id text NOT NULL,
    day date NOT NULL,
    details jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object'),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (source, source_id, kind)
);
CREATE INDEX xp_ledger_of_member ON xp_ledger (user_id, id DESC);

-- What a member gathered in a period: 'all', an ISO week like '2026-W07' or a month like '2026-02', by the day of the
-- ledger rows.
CREATE TABLE xp_totals (
    period text NOT NULL,
    board text NOT NULL CHECK (board IN ('tensey', 'xp')),
    user_id bigint NOT NULL REFERENCES users,
    total bigint NOT NULL,
    PRIMARY KEY (period, board, user_id)
);
CREATE INDEX xp_totals_ranking ON xp_totals (period, board, total DESC, user_id);
CREATE INDEX xp_totals_of_member ON xp_totals (user_id);

-- A completed challenge counts one, its reversal takes the one back; nothing else counts.
CREATE FUNCTION tensey_change(source text, kind text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$ SELECT CASE WHEN source <> 'tensey' THEN 0 WHEN kind = 'award' THEN 1 WHEN kind = 'reversal' THEN -1 ELSE 0 END $$;

-- All that follows from new ledger rows. Once per statement and not per row, so that a booking of many rows moves each
-- figure once and takes its locks in order.
CREATE FUNCTION book_ledger_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM users WHERE user_id IN (SELECT user_id FROM booked) ORDER BY user_id FOR NO KEY UPDATE;

    UPDATE users
    SET xp = users.xp + change.xp,
        social_freedom_exercises_tenseys = social_freedom_exercises_tenseys + change.tenseys,
        updated_at = clock_timestamp()
    FROM (
        SELECT user_id, sum(xp) AS xp, sum(tensey_change(source, kind)) AS tenseys FROM booked GROUP BY user_id
    ) AS change
    WHERE users.user_id = change.user_id;

    INSERT INTO xp_totals AS kept (period, board, user_id, total)
    SELECT period, board, user_id, sum(change)
    FROM booked
    CROSS JOIN LATERAL (
        VALUES ('all'), (to_char(day, 'IYYY-"W"IW')), (to_char(day, 'YYYY-MM'))
    ) AS periods (period)
    CROSS JOIN LATERAL (
        VALUES ('xp', xp), ('tensey', tensey_change(source, kind)::bigint)
    ) AS boards (board, change)
    WHERE board = 'xp' OR change <> 0
    GROUP BY period, board, user_id
    ORDER BY period, board, user_id
    ON CONFLICT (period, board, user_id) DO UPDATE SET total = kept.total + EXCLUDED.total;
    RETURN NULL;
END
$$;

CREATE TRIGGER book_ledger_rows AFTER INSERT ON xp_ledger
REFERENCING NEW TABLE AS booked FOR EACH STATEMENT EXECUTE FUNCTION book_ledger_rows();

-- The outcome of each state change under its interaction's id, in the transaction of the change: a repeat (Discord's, a
-- replay, our own retry) gets the stored answer. Kept for a day.
CREATE TABLE interactions_done (
    interaction_id bigint PRIMARY KEY,
    user_id bigint NOT NULL,
    outcome jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX interactions_done_by_age ON interactions_done (at);

-- Grants by column. Whoever changes a member's state must be able to lock the member's row, which takes the right to
-- update some column of it; XP, counters and totals are moved by the triggers alone.
GRANT SELECT ON users, rank_buckets, xp_totals, factions TO app_main;
GRANT INSERT (user_id, display_name, time_zone) ON users TO app_main;
GRANT UPDATE (display_name, time_zone, hidden, settings, updated_at) ON users TO app_main;
GRANT SELECT, INSERT (user_id, xp, kind, source, source_id, day, details) ON xp_ledger TO app_main;
GRANT SELECT, INSERT (interaction_id, user_id, outcome) ON interactions_done TO app_main;

GRANT SELECT (user_id, display_name, xp, level, social_freedom_exercises_tenseys, faction, time_zone, hidden)
ON users TO app_tensey;
GRANT SELECT ON rank_buckets, xp_totals TO app_tensey;
GRANT INSERT (user_id, display_name, time_zone) ON users TO app_tensey;
GRANT UPDATE (display_name, updated_at) ON users TO app_tensey;
GRANT SELECT, INSERT (interaction_id, user_id, outcome) ON interactions_done TO app_tensey;

GRANT SELECT (user_id, display_name, xp, level, social_freedom_exercises_tenseys, faction, time_zone, hidden)
ON users TO app_award;
GRANT UPDATE (updated_at) ON users TO app_award;
GRANT SELECT, INSERT (user_id, xp, kind, source, source_id, day, details) ON xp_ledger TO app_award;
GRANT SELECT (interaction_id, at), DELETE ON interactions_done TO app_award;

-- How far the migrations have come: /health and the health check ask.
GRANT SELECT (migration_id) ON schema_migrations TO app_main, app_award;
