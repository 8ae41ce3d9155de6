-- Why: members log what they did, day by day in their own calendar. There is a count for each stat of each day. Each
-- day has the XP that it booked and the share of the streak that was fixed at its first booking, so that a later change
-- books just the difference. Streaks are replayed from the days and not stored: days count by rows that were logged in
-- time and by live awards; outages of ours, pauses, rest days, and days that a member lost by travelling bridge a
-- streak.
--
-- Lock order: all of these rows belong to one member and are written behind the lock on that member.

-- One row for each day that was ever booked; it stays when the day is emptied, because its share is fixed.
CREATE TABLE booked_days (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    day month_day NOT NULL,
    xp bigint NOT NULL DEFAULT 0 CHECK (xp >= 0),
    streak_share int NOT NULL CHECK (streak_share BETWEEN 0 AND 400), -- percentage points
    revision int NOT NULL DEFAULT 0 CHECK (revision >= 0), -- how often it was booked
    counts boolean NOT NULL DEFAULT false, -- whether any of its records was logged in time
    PRIMARY KEY (user_id, day)
);
-- A streak of many years is read from a few pages of this index.
CREATE INDEX booked_days_that_count ON booked_days (user_id, day) WHERE counts;

-- What was logged for a day; nothing logged is no row. `logged_late`: after the day's grace period, so the row earns XP
-- but the day does not count for a streak. `xp`, `warrior` and `mage` are what these units were worth when they were
-- logged: stats are content, and a release that changes one must not change the price of a day.
CREATE TABLE daily_records (
    user_id bigint NOT NULL,
    day month_day NOT NULL,
    stat text COLLATE "C" NOT NULL CHECK (stat ~ '^[a-z][a-z0-9_]{0,39}$'),
    count int NOT NULL CHECK (count BETWEEN 1 AND 10000), -- no role can book an arbitrary sum
    logged_late boolean NOT NULL,
    xp int NOT NULL CHECK (xp BETWEEN 0 AND 50000000),
    warrior int NOT NULL CHECK (warrior BETWEEN 0 AND 1000000),
    mage int NOT NULL CHECK (mage BETWEEN 0 AND 1000000),
    PRIMARY KEY (user_id, day, stat),
    FOREIGN KEY (user_id, day) REFERENCES booked_days ON DELETE CASCADE
);

-- What a member logged in all; nothing is no row. Only the trigger writes it, so it is always the sum of the records.
CREATE TABLE users_stats (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    stat text COLLATE "C" NOT NULL,
    total bigint NOT NULL CHECK (total >= 0),
    PRIMARY KEY (user_id, stat)
);

-- Days that a member lost, or could not use, by moving to another time zone: they bridge a streak.
CREATE TABLE travel_days (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    day month_day NOT NULL,
    PRIMARY KEY (user_id, day)
);

-- When a member paused, from the first to the last day of their own calendar. A pause that ended early has the day on
-- which it ended as its last, so its days are never counted as missed, whatever is deleted later. The limits are rules
-- of the game (mastermind/game/pauses/rules.py): the function that begins a pause keeps them, behind the member's lock.
CREATE TABLE pauses (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    first_day date NOT NULL,
    last_day date NOT NULL,
    begun_on month_day NOT NULL, -- the member's date when they asked for it
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz, -- early: by the member, or by what they logged or ticked
    PRIMARY KEY (user_id, first_day),
    CHECK (last_day BETWEEN first_day AND first_day + 29),
    CHECK (first_day BETWEEN begun_on - 1 AND begun_on + 30) -- after those that have ended, and what has counted
);

-- Days that a member declared as rest days while they lasted: they bridge a streak where nothing else does that costs
-- nothing. The limits are rules of the game (mastermind/game/rest_days/rules.py): the function that declares one keeps
-- them, behind the member's lock.
CREATE TABLE rest_days (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    day month_day NOT NULL,
    declared_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, day)
);

-- End the pause that the member is in, or has planned, with their today; one that would have nothing but today, or has
-- not begun, is gone as if it had never been. Returns whether there was one. The caller has locked the member.
CREATE FUNCTION end_pause(user_id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    today CONSTANT date := (
        SELECT local_day(clock_timestamp(), time_zone) FROM users WHERE users.user_id = end_pause.user_id
    );
BEGIN
    DELETE FROM pauses
    WHERE pauses.user_id = end_pause.user_id AND ended_at IS NULL AND first_day >= today;
    IF FOUND THEN
        RETURN true;
    END IF;
    UPDATE pauses
    SET last_day = today, ended_at = clock_timestamp()
    WHERE pauses.user_id = end_pause.user_id AND ended_at IS NULL AND last_day >= today;
    RETURN FOUND;
END
$$;

-- Whatever is logged or ticked for a day of the pause that runs ends it, in the same transaction.
CREATE FUNCTION come_back() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pauses JOIN users USING (user_id)
        WHERE pauses.user_id = NEW.user_id AND ended_at IS NULL AND first_day <= NEW.day
            AND last_day >= local_day(clock_timestamp(), time_zone)
    ) THEN
        PERFORM end_pause(NEW.user_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER come_back_with_records AFTER INSERT ON daily_records FOR EACH ROW EXECUTE FUNCTION come_back();
CREATE TRIGGER come_back_with_more AFTER UPDATE OF count ON daily_records
FOR EACH ROW WHEN (NEW.count > OLD.count) EXECUTE FUNCTION come_back();
CREATE TRIGGER come_back_with_ticks AFTER INSERT ON pending_xp_awards FOR EACH ROW EXECUTE FUNCTION come_back();

-- All that follows from records: the member's totals, and which days count. Once per statement, so that a change of
-- many records changes each of them once. While a member is being deleted, these rows may be deleted before the
-- records.
CREATE FUNCTION follow_records() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE users_stats
        SET total = users_stats.total - change.total
        FROM (SELECT user_id, stat, sum(count) AS total FROM removed GROUP BY user_id, stat) AS change
        WHERE users_stats.user_id = change.user_id AND users_stats.stat = change.stat;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO users_stats AS kept (user_id, stat, total)
        SELECT user_id, stat, sum(count) FROM added GROUP BY user_id, stat ORDER BY user_id, stat
        ON CONFLICT (user_id, stat) DO UPDATE SET total = kept.total + EXCLUDED.total;

        UPDATE booked_days
        SET counts = true
        FROM (SELECT DISTINCT user_id, day FROM added WHERE NOT logged_late) AS in_time
        WHERE booked_days.user_id = in_time.user_id AND booked_days.day = in_time.day AND NOT counts;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM users_stats WHERE total = 0 AND (user_id, stat) IN (SELECT user_id, stat FROM removed);

        UPDATE booked_days
        SET counts = false
        FROM (SELECT DISTINCT user_id, day FROM removed) AS changed
        WHERE booked_days.user_id = changed.user_id AND booked_days.day = changed.day AND counts
            AND NOT EXISTS (
                SELECT
                FROM daily_records AS left_over
                WHERE left_over.user_id = changed.user_id AND left_over.day = changed.day AND NOT logged_late
            );
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER follow_new_records AFTER INSERT ON daily_records
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION follow_records();
CREATE TRIGGER follow_changed_records AFTER UPDATE ON daily_records
REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION follow_records();
CREATE TRIGGER follow_removed_records AFTER DELETE ON daily_records
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION follow_records();

-- What a day has booked is always the sum of its ledger rows, and each such row needs its day with a fixed share.
CREATE FUNCTION keep_booked_days() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE booked_days
    SET xp = booked_days.xp + NEW.xp, revision = booked_days.revision + 1
    WHERE booked_days.user_id = NEW.user_id AND booked_days.day = NEW.day;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = 'XP of a day without its row of booked_days';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_booked_days AFTER INSERT ON xp_ledger
FOR EACH ROW WHEN (NEW.source = 'stats') EXECUTE FUNCTION keep_booked_days();

-- What a member logged of each stat in each period. While a member is being deleted, nothing of theirs is changed any
-- more.
CREATE FUNCTION keep_stat_totals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO xp_totals AS kept (period, board, user_id, total, hidden)
        SELECT period, stat, user_id, sum(count), is_unlisted(user_id, stat)
        FROM added
        CROSS JOIN LATERAL (
            VALUES ('all' COLLATE "C"), (period_of('week', day)), (period_of('month', day))
        ) AS periods (period)
        GROUP BY user_id, period, stat
        ORDER BY user_id, period, stat
        ON CONFLICT (user_id, period, board) DO UPDATE SET total = kept.total + EXCLUDED.total;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        UPDATE xp_totals AS kept
        SET total = kept.total - change.total
        FROM (
            SELECT period, stat, user_id, sum(count) AS total
            FROM removed
            CROSS JOIN LATERAL (
                VALUES ('all' COLLATE "C"), (period_of('week', day)), (period_of('month', day))
            ) AS periods (period)
            GROUP BY period, stat, user_id
        ) AS change
        WHERE kept.period = change.period AND kept.board = change.stat AND kept.user_id = change.user_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_totals_of_new_records AFTER INSERT ON daily_records
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION keep_stat_totals();
CREATE TRIGGER keep_totals_of_changed_records AFTER UPDATE ON daily_records
REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION keep_stat_totals();
CREATE TRIGGER keep_totals_of_removed_records AFTER DELETE ON daily_records
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION keep_stat_totals();

-- Days of the member's calendar on which the game was down for more than 2 hours. Outages that overlap count once.
CREATE FUNCTION outage_days(user_id bigint) RETURNS SETOF date
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT day
    FROM users
    CROSS JOIN (SELECT unnest(range_agg(tstzrange(began, ended))) AS span FROM outages WHERE counts) AS away
    CROSS JOIN LATERAL (
        SELECT local_day(lower(span), time_zone) + nth AS day
        FROM generate_series(0, local_day(upper(span), time_zone) - local_day(lower(span), time_zone)) AS nth
    ) AS days
    CROSS JOIN LATERAL (
        SELECT greatest(lower(span), day_begins(day, time_zone)) AS since,
            least(upper(span), day_begins(day + 1, time_zone)) AS until
    ) AS part
    WHERE users.user_id = outage_days.user_id AND since < until
    GROUP BY day
    HAVING sum(until - since) > interval '2 hours'
$$;

-- The days that bridge a member's streak whatever they want: travel, outages, pauses. The replay that uses them is
-- mastermind/game/days/streaks.py, where the order of all that bridges stands (docs/rules/streaks.md, Missed days).
CREATE FUNCTION covered_days(user_id bigint) RETURNS SETOF date
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT day FROM travel_days WHERE travel_days.user_id = covered_days.user_id
    UNION
    SELECT day FROM outage_days(covered_days.user_id) AS down (day)
    UNION
    SELECT first_day + nth
    FROM pauses
    CROSS JOIN generate_series(0, last_day - first_day) AS nth
    WHERE pauses.user_id = covered_days.user_id
$$;

GRANT SELECT ON booked_days, daily_records, users_stats, travel_days TO app_main;
GRANT INSERT (user_id, day, streak_share), DELETE ON booked_days TO app_main; -- DELETE: a reset
GRANT INSERT (user_id, day, stat, count, logged_late, xp, warrior, mage),
    UPDATE (count, logged_late, xp, warrior, mage),
DELETE ON daily_records TO app_main;
GRANT INSERT (user_id, day) ON travel_days TO app_main;
GRANT SELECT, INSERT (user_id, first_day, last_day, begun_on) ON pauses TO app_main;
GRANT EXECUTE ON FUNCTION end_pause(bigint) TO app_main;
GRANT SELECT, INSERT (user_id, day), DELETE ON rest_days TO app_main;
GRANT EXECUTE ON FUNCTION outage_days(bigint), covered_days(bigint) TO app_main, app_award;
-- An outage that is recorded raises the shares of days that were booked before it was known.
GRANT SELECT ON booked_days, daily_records, pauses, rest_days, travel_days TO app_award;
GRANT UPDATE (streak_share) ON booked_days TO app_award;
