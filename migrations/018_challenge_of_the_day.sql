-- Why: each day of a member's calendar has one challenge that is the same for all, and one instead of it, for those who
-- cannot do that (docs/rules/today.md). Either gives 50 XP, once for each date. That is a row of its own: it counts
-- neither as a completed challenge nor for a raid, and a challenge that was done long ago brings it, too.
--
-- Lock order: these rows belong to one member and are written behind the lock on that member, after their awards and
-- before the ledger.

-- The challenges that days choose from, as the code ships them, shuffled; the migration runner writes them. The pool
-- 'other' has what comes instead.
CREATE TABLE day_challenges (
    pool text COLLATE "C" NOT NULL CHECK (pool IN ('day', 'other')),
    place int NOT NULL CHECK (place >= 0), -- 0, 1, 2, ... without gaps
    challenge_id text COLLATE "C" NOT NULL CHECK (length(challenge_id) <= 100),
    PRIMARY KEY (pool, place)
);

-- The two challenges of a day for a member; NULL where there is none. A pool is gone through in its order, so nothing
-- comes twice before everything has come once. Where in the pool of the others somebody begins follows from their id.
CREATE FUNCTION challenges_of_day(user_id bigint, day date, OUT of_day text, OUT other text)
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
    WITH days AS (SELECT challenges_of_day.day - DATE '0001-01-01' AS nth), of_day AS (
        SELECT challenge_id
        FROM day_challenges
        WHERE pool = 'day'
            AND place = (SELECT nth FROM days) % (SELECT nullif(count(*), 0) FROM day_challenges WHERE pool = 'day')
    ), others AS (
        SELECT challenge_id, row_number() OVER (ORDER BY place) - 1 AS place, count(*) OVER () AS amount
        FROM day_challenges
        WHERE pool = 'other' AND challenge_id NOT IN (SELECT challenge_id FROM of_day)
    )
    SELECT
        (SELECT challenge_id FROM of_day),
        (
            SELECT challenge_id
            FROM others
            WHERE place = ((SELECT nth FROM days) + (challenges_of_day.user_id >> 22)) % amount
        )
$$;

-- What was done, and what came of it. Somebody who takes it back and does it again has another row.
CREATE TABLE day_awards (
    award_id uuid PRIMARY KEY DEFAULT uuidv7(),
    user_id bigint NOT NULL REFERENCES users,
    day date NOT NULL,
    challenge_id text COLLATE "C" NOT NULL CHECK (length(challenge_id) <= 100),
    xp int NOT NULL DEFAULT 50 CHECK (xp = 50),
    tick_id uuid REFERENCES pending_xp_awards, -- the award of the tick that brought it; null: it was done in /today
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reversed_at timestamptz
);
-- One for each date. It also finds the days that count for a streak.
CREATE UNIQUE INDEX day_awards_live ON day_awards (user_id, day) WHERE reversed_at IS NULL;
CREATE INDEX day_awards_of_member ON day_awards (user_id);
CREATE UNIQUE INDEX day_awards_of_tick ON day_awards (tick_id) WHERE tick_id IS NOT NULL;

CREATE TRIGGER come_back_with_day_awards AFTER INSERT ON day_awards FOR EACH ROW EXECUTE FUNCTION come_back();
CREATE TRIGGER roles_follow_day_awards AFTER INSERT OR UPDATE OF reversed_at ON day_awards FOR EACH ROW
EXECUTE FUNCTION follow_with_roles('streak');

-- All that main may do here: give a member the XP of their own today, or take it back. Nothing of that is an argument
-- but which of the two challenges it is. Returns awarded, had (this date has brought it before) or other_day (it is
-- none of today's).
CREATE FUNCTION do_day_challenge(user_id bigint, challenge_id text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    owned users;
    today date;
    made day_awards;
BEGIN
    SELECT * INTO STRICT owned FROM users WHERE users.user_id = do_day_challenge.user_id FOR NO KEY UPDATE;
    today := local_day(clock_timestamp(), owned.time_zone);
    IF NOT EXISTS (
        SELECT FROM challenges_of_day(owned.user_id, today) AS choice
        WHERE do_day_challenge.challenge_id IN (choice.of_day, choice.other)
    ) THEN
        RETURN 'other_day';
    END IF;

    INSERT INTO day_awards (user_id, day, challenge_id)
    VALUES (owned.user_id, today, do_day_challenge.challenge_id)
    ON CONFLICT (user_id, day) WHERE reversed_at IS NULL DO NOTHING
    RETURNING * INTO made;
    IF NOT FOUND THEN
        RETURN 'had';
    END IF;
    INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
    VALUES (
        made.user_id, made.xp, 'award', 'today', made.award_id::text, made.day,
        jsonb_build_object('challenge_id', made.challenge_id)
    );
    RETURN 'awarded';
END
$$;
GRANT EXECUTE ON FUNCTION do_day_challenge(bigint, text) TO app_main;

-- The reversal is booked on the day of the award. Returns whether there was anything to reverse.
CREATE FUNCTION undo_day_challenge(user_id bigint, award_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    taken day_awards;
BEGIN
    PERFORM FROM users WHERE users.user_id = undo_day_challenge.user_id FOR NO KEY UPDATE;

    UPDATE day_awards AS own
    SET reversed_at = clock_timestamp()
    WHERE own.award_id = undo_day_challenge.award_id
        AND own.user_id = undo_day_challenge.user_id
        AND own.reversed_at IS NULL
    RETURNING own.* INTO taken;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
    VALUES (
        taken.user_id, -taken.xp, 'reversal', 'today', taken.award_id::text, taken.day,
        jsonb_build_object('challenge_id', taken.challenge_id)
    );
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION undo_day_challenge(bigint, uuid) TO app_main;

-- A tick that is awarded brings it too, if its challenge was one of the two on the day of the tick and that day has not
-- brought it yet. apply_award() books the row, in the one INSERT of its transaction; reverse_award() and
-- reset_awards_and_xp() take it back with its tick.
CREATE FUNCTION claim_day_award(tick_id uuid) RETURNS SETOF day_awards
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO day_awards (user_id, day, challenge_id, tick_id)
    SELECT ticks.user_id, ticks.day, ticks.challenge_id, ticks.award_id
    FROM pending_xp_awards AS ticks
    CROSS JOIN LATERAL challenges_of_day(ticks.user_id, ticks.day) AS choice
    WHERE ticks.award_id = claim_day_award.tick_id
        AND ticks.status = 'awarded'
        AND ticks.challenge_id IN (choice.of_day, choice.other)
        AND NOT EXISTS (SELECT FROM day_awards AS earlier WHERE earlier.tick_id = ticks.award_id)
    ON CONFLICT (user_id, day) WHERE reversed_at IS NULL DO NOTHING
    RETURNING *
$$;
GRANT EXECUTE ON FUNCTION claim_day_award(uuid) TO app_award;

CREATE POLICY award_books_day_awards ON xp_ledger FOR INSERT TO app_award
WITH CHECK (
    CASE WHEN source = 'today' AND kind = 'award' THEN EXISTS (
        SELECT FROM day_awards AS own
        WHERE own.award_id = source_id::uuid
            AND own.user_id = xp_ledger.user_id
            AND own.xp = xp_ledger.xp
            AND own.day = xp_ledger.day
            AND own.tick_id IS NOT NULL
    ) ELSE false END
);

GRANT EXECUTE ON FUNCTION challenges_of_day(bigint, date) TO app_main;
GRANT SELECT ON day_challenges TO app_main;
GRANT SELECT ON day_awards TO app_main, app_award, app_outbox;
