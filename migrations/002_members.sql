-- Why: everything in the game belongs to a member. A member is placed in one of two factions at first contact. XP,
-- level and counters are columns here, but only triggers on the ledger change them (003).
--
-- Lock order: first contact locks the new member's row, then both factions. It is a transaction of its own.

-- The time zones as the code ships them; the migration runner writes them, whenever the code has a later release. The
-- server's own are not used: they may be years older, and take CET for an abbreviation that has no summer time. A zone
-- is utc_offset[n] from UTC since since[n]; the first also applies before that.
CREATE TABLE time_zones (
    name text COLLATE "C" PRIMARY KEY,
    release text COLLATE "C" NOT NULL, -- of the time zone database, such as 2026f
    since timestamptz[] NOT NULL,
    utc_offset interval[] NOT NULL,
    CHECK (cardinality(since) > 0 AND cardinality(since) = cardinality(utc_offset))
);
GRANT SELECT (name, since, utc_offset) ON time_zones TO app_main, app_tensey, app_award, app_outbox;

-- The one place where a day is derived from a time: the member's own calendar (docs/rules/days.md).
CREATE FUNCTION local_day(at timestamptz, zone text) RETURNS date
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT (at AT TIME ZONE 'UTC' + utc_offset[greatest(width_bucket(at, since), 1)])::date
    FROM time_zones WHERE name = zone
$$;
GRANT EXECUTE ON FUNCTION local_day(timestamptz, text) TO app_main, app_tensey, app_award, app_outbox;

-- The moment at which the clock in a zone reaches a time: the first one, if the time occurs twice; the end of the
-- skipped hour, if it never occurs.
CREATE FUNCTION clock_reaches(local timestamp, zone text) RETURNS timestamptz
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT min(greatest(reached, began))
    FROM time_zones
    CROSS JOIN LATERAL unnest(timestamptz '-infinity' || since[2:], since[2:] || timestamptz 'infinity', utc_offset)
        AS span (began, ended, utc_offset)
    CROSS JOIN LATERAL (SELECT (local - span.utc_offset) AT TIME ZONE 'UTC' AS reached) AS clock
    WHERE name = zone AND reached < ended
$$;
GRANT EXECUTE ON FUNCTION clock_reaches(timestamp, text) TO app_main, app_award;

-- The moment at which a day begins there: its midnight, or the end of the hour that the clock skips then.
CREATE FUNCTION day_begins(day date, zone text) RETURNS timestamptz
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT clock_reaches(day::timestamp, zone)
$$;
GRANT EXECUTE ON FUNCTION day_begins(date, text) TO app_main, app_award;

-- Ties are decided by name: Luminarchs first (docs/rules/factions.md).
CREATE TABLE factions (
    name text COLLATE "C" PRIMARY KEY,
    members bigint NOT NULL DEFAULT 0 CHECK (members >= 0),
    hidden bigint NOT NULL DEFAULT 0 CHECK (hidden BETWEEN 0 AND members) -- how many of them hide
);
INSERT INTO factions (name) VALUES ('Luminarchs'), ('Noctivores');

-- The level is generated from the 50 thresholds of docs/rules/levels.md, so it cannot differ from the XP; a test
-- compares them with the rule in the code. XP below zero (an admin's correction) counts as none.
CREATE TABLE users (
    user_id bigint PRIMARY KEY CHECK (user_id > 0),
    display_name text NOT NULL CHECK (length(display_name) <= 100),
    xp bigint NOT NULL DEFAULT 0,
    level int NOT NULL GENERATED ALWAYS AS (width_bucket(greatest(xp, 0), '{
        0, 500, 1200, 2000, 3000, 4200, 5600, 7200, 9000, 11000,
        13200, 15600, 18200, 21000, 24000, 27200, 30600, 34200, 38000, 42000,
        46200, 50600, 55200, 60000, 65000, 70200, 75600, 81200, 87000, 93000,
        99200, 105600, 112200, 119000, 126000, 133200, 140600, 148200, 156000, 164000,
        172200, 180600, 189200, 198000, 207000, 216200, 225600, 235200, 245000, 255000
    }'::bigint[])) STORED,
    social_freedom_exercises_tenseys int NOT NULL DEFAULT 0 CHECK (social_freedom_exercises_tenseys >= 0),
    faction text COLLATE "C" REFERENCES factions,
    time_zone text NOT NULL REFERENCES time_zones,
    hidden boolean NOT NULL DEFAULT false,
    avatar text COLLATE "C" NOT NULL DEFAULT '' CHECK (avatar ~ '^((a_)?[0-9a-f]{32})?$'), -- its hash at Discord
    settings jsonb NOT NULL DEFAULT '{}'
        CHECK (jsonb_typeof(settings) = 'object' AND pg_column_size(settings) <= 4000),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at past_moment NOT NULL DEFAULT clock_timestamp()
);
-- Each first contact locks both factions, so two of them never choose from the same counts.
CREATE FUNCTION place_in_faction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    smaller text;
BEGIN
    PERFORM FROM factions ORDER BY name FOR UPDATE;
    SELECT name INTO smaller FROM factions ORDER BY members, name LIMIT 1;
    UPDATE factions SET members = members + 1, hidden = hidden + NEW.hidden::int WHERE name = smaller;
    UPDATE users SET faction = smaller WHERE user_id = NEW.user_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER place_in_faction AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION place_in_faction();

CREATE FUNCTION leave_faction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE factions SET members = members - 1, hidden = hidden - OLD.hidden::int WHERE name = OLD.faction;
    RETURN NULL;
END
$$;
CREATE TRIGGER leave_faction AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION leave_faction();

-- Lock the row of the member who acts. An action that waited for this lock while the member was deleted must fail, or
-- it would bring them back. Looking for the row in a later statement is not enough: if the member has returned since,
-- that statement finds a new row, which is not the one that was locked.
CREATE FUNCTION lock_member(user_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM users WHERE users.user_id = lock_member.user_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the member was deleted' USING ERRCODE = 'MM410';
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION lock_member(bigint) TO app_main, app_tensey;

-- When a member moved to another time zone. How often they may is limited: each move changes when a day ends, so a
-- member who moved every day would never miss one (game/settings/time_zones.py has the figures).
CREATE TABLE time_zone_changes (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    at past_moment NOT NULL DEFAULT clock_timestamp(),
    from_zone text NOT NULL CHECK (length(from_zone) <= 64),
    to_zone text NOT NULL CHECK (length(to_zone) <= 64),
    PRIMARY KEY (user_id, at)
);

-- The outcome of each state change under its interaction's id, in the transaction of the change: a repeat (Discord's, a
-- replay, our own retry) gets the stored answer. Kept for a day.
CREATE TABLE interactions_done (
    interaction_id bigint PRIMARY KEY,
    user_id bigint NOT NULL,
    done_by text COLLATE "C" NOT NULL DEFAULT current_user, -- the role of the application
    outcome jsonb NOT NULL CHECK (pg_column_size(outcome) <= 20000),
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX interactions_done_by_age ON interactions_done (at);
CREATE INDEX interactions_done_of_member ON interactions_done (user_id); -- for export and deletion

-- Outcomes show what somebody did, including moderators: tensey sees only its own. main exports those of a member.
ALTER TABLE interactions_done ENABLE ROW LEVEL SECURITY;
CREATE POLICY each_adds_its_own ON interactions_done FOR INSERT TO app_main, app_tensey
WITH CHECK (done_by = current_user);
CREATE POLICY main_reads ON interactions_done FOR SELECT TO app_main USING (true);
CREATE POLICY tensey_reads_its_own ON interactions_done FOR SELECT TO app_tensey USING (done_by = current_user);
CREATE POLICY award_finds_the_old ON interactions_done FOR SELECT TO app_award USING (true);
CREATE POLICY award_prunes ON interactions_done FOR DELETE TO app_award USING (true);

-- Locking a member's row requires the right to update some column of it. Nobody may update XP and counters.
GRANT SELECT ON users, factions TO app_main;
GRANT INSERT (user_id, display_name, time_zone, avatar) ON users TO app_main;
GRANT UPDATE (display_name, time_zone, hidden, avatar, settings, updated_at) ON users TO app_main;
GRANT SELECT, INSERT (user_id, at, from_zone, to_zone) ON time_zone_changes TO app_main;
GRANT SELECT, INSERT (interaction_id, user_id, outcome) ON interactions_done TO app_main;

GRANT SELECT (user_id, display_name, xp, level, social_freedom_exercises_tenseys, faction, time_zone, hidden, avatar)
ON users TO app_tensey;
GRANT INSERT (user_id, display_name, time_zone) ON users TO app_tensey;
GRANT UPDATE (display_name, updated_at) ON users TO app_tensey;
GRANT SELECT, INSERT (interaction_id, user_id, outcome) ON interactions_done TO app_tensey;

-- award reads settings because members may ask not to be announced: settings ->> 'announcements' = 'off'.
GRANT SELECT (
    user_id, display_name, xp, level, social_freedom_exercises_tenseys, faction, time_zone, hidden, settings, created_at
) ON users TO app_award;
GRANT UPDATE (updated_at) ON users TO app_award;
