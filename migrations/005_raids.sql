-- Why: members raid together. While a raid runs, what they log for today and the challenges they tick count towards one
-- shared target, without any further action. The raid's total is the sum of raid_contributions, and the contribution
-- that reaches the target completes the raid in its own transaction, by a trigger.
--
-- Lock order: a raid comes after its member and before awards. An undo locks its award first. That is safe: a
-- transaction that holds an award already holds its member, and one that holds a raid waits for no award of another
-- member.

-- No foreign keys to users here: a contribution locks the raid, and would then wait for the row of the member who
-- started it or gave most, who may be waiting for the raid. (PostgreSQL checks unchanged keys again when one
-- transaction changes a row twice, as the last contribution does.) delete_member() clears these columns itself.
CREATE TABLE raid_events (
    raid_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type text NOT NULL CHECK (type IN ('warrior', 'mage')),
    -- Active until the target is reached (completed), the time is over (failed) or an admin cancels it. A raid whose
    -- time is over has failed from that moment on, even before the row says so.
    status text COLLATE "C" NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'completed', 'failed', 'cancelled')),
    target int NOT NULL CHECK (target BETWEEN 1 AND 1000000),
    total int NOT NULL DEFAULT 0 CHECK (total >= 0),
    tick_points int NOT NULL CHECK (tick_points BETWEEN 0 AND 10000), -- what a challenge counts, fixed at the start
    started_by bigint,
    started_at past_moment NOT NULL DEFAULT clock_timestamp(),
    ends_at near_moment NOT NULL,
    ended_at past_moment,
    -- Who had contributed most when it was completed; it does not change when that member leaves.
    top_user_id bigint,
    rewarded_at past_moment, -- when every contributor had been rewarded
    CHECK (ends_at > started_at),
    CHECK ((status = 'active') = (ended_at IS NULL)),
    CHECK (status = 'completed' OR (top_user_id IS NULL AND rewarded_at IS NULL))
);
-- One active raid, even when two admins press at the same moment.
CREATE UNIQUE INDEX raid_events_active ON raid_events (status) WHERE status = 'active';
-- For the sweep: raids whose rewards are still to be booked; nearly always empty.
CREATE INDEX raid_events_to_reward ON raid_events (raid_id) WHERE status = 'completed' AND rewarded_at IS NULL;
CREATE INDEX raid_events_of_starter ON raid_events (started_by);
CREATE INDEX raid_events_of_top ON raid_events (top_user_id);

-- Rows are only added. `change` is what was logged, in points, negative when it was taken back. `points` is the part
-- that counts: a member's changes of one stat of one day count as far as their sum is above zero. Otherwise a member
-- who took back what they had logged before the raid would take points from it, and could log the same again for new
-- points.
CREATE TABLE raid_contributions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    raid_id bigint NOT NULL REFERENCES raid_events,
    user_id bigint REFERENCES users ON DELETE SET NULL, -- null: the member was deleted or reset; their points stay
    source text COLLATE "C" NOT NULL CHECK (length(source) <= 40),
    source_id text COLLATE "C" NOT NULL CHECK (length(source_id) <= 100),
    stat text COLLATE "C" NOT NULL CHECK (length(stat) <= 40),
    day month_day, -- the day it was logged for; null: a tick, which is taken back by its award
    change int NOT NULL CHECK (change <> 0 AND abs(change) <= 50000000),
    points int NOT NULL CHECK (points BETWEEN least(change, 0) AND greatest(change, 0)),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (source, source_id, stat, user_id) -- another member may send the same form id
);
CREATE INDEX raid_contributions_of_raid ON raid_contributions (raid_id, user_id);
CREATE INDEX raid_contributions_of_member ON raid_contributions (user_id);

-- What follows from new contributions. Of members who contributed equally, the top one reached their points first:
-- their last contribution is older.
CREATE FUNCTION count_contributions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    counted raid_events;
BEGIN
    IF NOT EXISTS (SELECT FROM contributed) THEN
        RETURN NULL;
    END IF;

    UPDATE raid_events AS raids
    SET total = raids.total + (SELECT sum(points) FROM contributed)
    WHERE raids.raid_id = (SELECT DISTINCT raid_id FROM contributed) AND raids.status = 'active'
    RETURNING raids.* INTO counted;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only an active raid takes contributions' USING ERRCODE = 'check_violation';
    END IF;

    IF counted.total >= counted.target THEN
        UPDATE raid_events AS raids
        SET status = 'completed',
            ended_at = clock_timestamp(),
            top_user_id = (
                SELECT user_id
                FROM raid_contributions
                WHERE raid_id = counted.raid_id AND user_id IS NOT NULL
                GROUP BY user_id
                HAVING sum(points) > 0
                ORDER BY sum(points) DESC, max(id) FILTER (WHERE points <> 0)
                LIMIT 1
            )
        WHERE raids.raid_id = counted.raid_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_contributions AFTER INSERT ON raid_contributions
REFERENCING NEW TABLE AS contributed FOR EACH STATEMENT EXECUTE FUNCTION count_contributions();

-- A tick contributes at once, 60 seconds before its XP. The trigger fires before the insert, so that the raid is
-- locked before the award. Two ticks contribute nothing: one of a challenge that is already live (it makes no award),
-- and one of a challenge that was done before the raid began and undone since (it is not new). tensey has no rights on
-- the tables of raids: this trigger is its only access.
CREATE FUNCTION contribute_tick() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM raid_events WHERE status = 'active' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NEW;
    END IF;

    INSERT INTO raid_contributions (raid_id, user_id, source, source_id, stat, change, points)
    SELECT raid_id, NEW.user_id, 'tick', NEW.award_id::text, 'tensey_exercise', tick_points, tick_points
    FROM raid_events AS raids
    WHERE raids.status = 'active'
        AND raids.ends_at > clock_timestamp()
        AND raids.tick_points > 0
        AND NOT EXISTS (
            SELECT
            FROM pending_xp_awards AS earlier
            WHERE earlier.user_id = NEW.user_id
                AND earlier.challenge_id = NEW.challenge_id
                AND (
                    earlier.status IN ('pending', 'awarded')
                    OR (earlier.created_at < raids.started_at AND earlier.resolved_at >= raids.started_at)
                )
        );
    RETURN NEW;
END
$$;
CREATE TRIGGER contribute_tick BEFORE INSERT ON pending_xp_awards
FOR EACH ROW EXECUTE FUNCTION contribute_tick();

-- An undo takes back what its tick contributed, while the raid is still active.
CREATE FUNCTION withdraw_tick() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM raid_events WHERE status = 'active' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NEW;
    END IF;

    INSERT INTO raid_contributions (raid_id, user_id, source, source_id, stat, change, points)
    SELECT ticks.raid_id, ticks.user_id, 'undo', ticks.source_id, ticks.stat, -ticks.change, -ticks.points
    FROM raid_contributions AS ticks
    JOIN raid_events AS raids USING (raid_id)
    WHERE ticks.source = 'tick'
        AND ticks.source_id = NEW.award_id::text
        AND ticks.user_id = NEW.user_id
        AND raids.status = 'active'
        AND raids.ends_at > clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER withdraw_tick BEFORE UPDATE OF status ON pending_xp_awards
FOR EACH ROW WHEN (NEW.status IN ('cancelled', 'reversed')) EXECUTE FUNCTION withdraw_tick();

-- What others may see of each member's part in a raid (docs/rules/privacy.md). Hidden members are not listed. The part
-- of a member who hides, has left, or contributed with private categories is rounded down to steps of 5 % of the
-- target: each part separately, because somebody who can add to a sum before it is rounded can find out where it is
-- between two steps.
CREATE FUNCTION raid_parts(raid_id bigint)
RETURNS TABLE (user_id bigint, points int, gave boolean, is_exact boolean, is_listed boolean, last_id bigint)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT user_id, CASE WHEN is_exact THEN sum ELSE sum / step * step END, sum > 0, is_exact, is_listed, last_id
    FROM (
        SELECT
            given.user_id, sum(given.points)::int AS sum, max(given.last_id) AS last_id,
            coalesce(bool_and(NOT is_unlisted(given.user_id, given.stat)), false) AS is_exact,
            coalesce(bool_and(NOT users.hidden), false) AS is_listed
        FROM (
            SELECT of.user_id, of.stat, sum(of.points) AS points, max(of.id) FILTER (WHERE of.points <> 0) AS last_id
            FROM raid_contributions AS of
            WHERE of.raid_id = raid_parts.raid_id
            GROUP BY of.user_id, of.stat
        ) AS given
        LEFT JOIN users USING (user_id)
        GROUP BY given.user_id
    ) AS parts
    CROSS JOIN (
        SELECT greatest(target / 20, 1) AS step FROM raid_events AS raids WHERE raids.raid_id = raid_parts.raid_id
    ) AS raid
$$;
GRANT EXECUTE ON FUNCTION raid_parts(bigint) TO app_main, app_award, app_outbox;

-- main starts and cancels raids, adds contributions and removes a member from theirs; award ends and rewards raids.
GRANT SELECT ON raid_events, raid_contributions TO app_main, app_award;
GRANT INSERT (type, target, tick_points, started_by, started_at, ends_at), UPDATE (status, ended_at)
ON raid_events TO app_main;
GRANT INSERT (raid_id, user_id, source, source_id, stat, day, change, points), UPDATE (user_id)
ON raid_contributions TO app_main;
GRANT UPDATE (status, ended_at, rewarded_at) ON raid_events TO app_award;
