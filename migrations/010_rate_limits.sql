-- Why: one member who presses buttons without end must not slow the game down for others. Each use is allowed or
-- refused by the generic cell rate algorithm, in the database, because that is all that the functions' processes
-- share. A refusal is counted and changes nothing else.

-- When the next use of a pace would be expected if all came evenly, and the last interaction that was allowed: the same
-- one again costs nothing. Each use updates its row, in place thanks to the fillfactor.
CREATE TABLE rate_limits (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    pace text COLLATE "C" NOT NULL
        CHECK (pace IN ('admin', 'direct', 'leaderboard', 'other', 'paging', 'stats', 'ticks')),
    expected_at timestamptz NOT NULL DEFAULT '-infinity',
    interaction_id bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, pace)
) WITH (fillfactor = 70);

-- How often a member was refused, by day (UTC): one row per day and not per refusal, or a flood would fill the table.
-- It refers to rate_limits and not to users: a transaction that holds a row of rate_limits must not wait for one of
-- users.
CREATE TABLE rate_limit_violations (
    user_id bigint NOT NULL,
    pace text COLLATE "C" NOT NULL,
    day date NOT NULL,
    violations int NOT NULL DEFAULT 1 CHECK (violations > 0),
    last_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, pace, day),
    FOREIGN KEY (user_id, pace) REFERENCES rate_limits ON DELETE CASCADE
);
CREATE INDEX rate_limit_violations_by_day ON rate_limit_violations (day);

-- First contact makes a member's limits, in the transaction that makes their row. Who comes back after a deletion finds
-- what they had used up (012).
CREATE FUNCTION make_limits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO rate_limits (user_id, pace, expected_at)
    SELECT NEW.user_id, paces.pace, coalesce(kept.until, '-infinity')
    FROM unnest(ARRAY['admin', 'direct', 'leaderboard', 'other', 'paging', 'stats', 'ticks']) AS paces (pace)
    LEFT JOIN kept_of(NEW.user_id) AS kept ON kept.what = 'pace' AND kept.ref = paces.pace;
    RETURN NULL;
END
$$;
CREATE TRIGGER make_limits AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION make_limits();

-- Allow a use or refuse it; enforce_limit() then raises if it was refused. Two functions, because an error here would
-- roll back the violation: this one runs before the action, in one transaction with the first contact. The decision is
-- kept in a setting of the session, not in a table, where a parallel use could overwrite it.
--
-- Parallel uses of a member wait for each other at the row of their pace. Nothing here reads or locks a row of users: a
-- reader would wait for a booking of the member, and a lock that follows the versions of an updated row has met
-- lock_member() in a deadlock. A member who has no such row (they were deleted a moment ago) is charged nothing.
--
-- Admins may have chosen that everybody may play half, twice or four times as fast as the deploy says
-- (021_settings.sql); a use is measured by what holds when it comes.
CREATE FUNCTION charge(member bigint, what text, interaction bigint, spacing interval, burst int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    factor CONSTANT float := coalesce(
        (SELECT value::float FROM game_settings WHERE name = 'limit.' || charge.what), 1
    );
    gap interval;
    kept rate_limits;
    arrived timestamptz;
    again timestamptz;
BEGIN
    -- No caller can lock a member out for longer than a day, and no setting can; a null is no limit either. An
    -- interaction's id is its time (015_reminders.sql), and what was used in a day to come is no use.
    IF (
        charge.burst >= 1 AND charge.spacing > interval '0' AND charge.spacing * charge.burst <= interval '1 day'
        AND comes_within(to_timestamp(((charge.interaction >> 22) + 1420070400000) / 1000.0), '1 day')
    ) IS NOT TRUE THEN
        RAISE invalid_parameter_value USING MESSAGE = 'a limit of this kind is none of ours';
    END IF;
    gap := least(charge.spacing / factor, interval '1 day' / ceil(charge.burst * factor));
    PERFORM set_config('mastermind.again', '', false);
    IF EXISTS (SELECT FROM interactions_done WHERE interaction_id = charge.interaction) THEN
        RETURN;
    END IF;

    SELECT * INTO kept FROM rate_limits AS limits
    WHERE limits.user_id = charge.member AND limits.pace = charge.what FOR UPDATE;
    IF NOT FOUND OR kept.interaction_id = charge.interaction THEN
        RETURN;
    END IF;
    -- Losing this in a crash of the server does no harm: the answer need not wait for the disk. The first use of a pace
    -- may stand in one transaction with the first contact, which is not to be lost.
    IF kept.interaction_id <> 0 THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;

    arrived := clock_timestamp();
    kept.expected_at := greatest(kept.expected_at, arrived);
    again := kept.expected_at - gap * (ceil(charge.burst * factor) - 1);
    IF again > arrived THEN
        INSERT INTO rate_limit_violations AS counted (user_id, pace, day, last_at)
        VALUES (charge.member, charge.what, (arrived AT TIME ZONE 'UTC')::date, arrived)
        ON CONFLICT (user_id, pace, day)
        DO UPDATE SET violations = counted.violations + 1, last_at = EXCLUDED.last_at;
        PERFORM set_config('mastermind.again', ceil(extract(epoch FROM again))::bigint::text, false);
        RETURN;
    END IF;
    UPDATE rate_limits AS limits
    SET expected_at = kept.expected_at + gap, interaction_id = charge.interaction
    WHERE limits.user_id = charge.member AND limits.pace = charge.what;
END
$$;

-- Raise an error when the use was refused, so that nothing that was sent after it runs. Its detail is when to try
-- again, in seconds since 1970.
CREATE FUNCTION enforce_limit() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF current_setting('mastermind.again', true) <> '' THEN
        RAISE EXCEPTION 'too fast' USING ERRCODE = 'MM429', DETAIL = current_setting('mastermind.again');
    END IF;
END
$$;

GRANT EXECUTE ON FUNCTION charge(bigint, text, bigint, interval, int) TO app_main, app_tensey;
GRANT EXECUTE ON FUNCTION enforce_limit() TO app_main, app_tensey;
GRANT SELECT ON rate_limits, rate_limit_violations TO app_main;
