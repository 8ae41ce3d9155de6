-- Why: a member who wants it is reminded at an hour of theirs, on a day on which they have logged and ticked nothing,
-- and reads on Sunday what became of their week. Who is due among a million members is found by an index on the next
-- moment; no row is looked at before (docs/rules/reminders.md).
--
-- Lock order: a row belongs to a member and is written behind the lock on that member; relay leaves both to the next
-- minute if somebody has them.

CREATE TABLE reminders (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    occasion text COLLATE "C" NOT NULL CHECK (occasion IN ('reminder', 'week')),
    hour int NOT NULL CHECK (hour BETWEEN 0 AND 23), -- of the member's own clock
    weekdays text COLLATE "C" NOT NULL CHECK (weekdays ~ '^1?2?3?4?5?6?7?$' AND weekdays <> ''), -- 1: Monday
    since past_moment NOT NULL DEFAULT clock_timestamp(), -- when the member last asked for them
    off text COLLATE "C" CHECK (off IN ('member', 'silence', 'left')), -- why they are off; null: they are on
    last_day past_day, -- the member's date of the last one that was decided: there is one for each date at most
    hour_at timestamptz, -- when the hour of the next one begins
    next_at month_moment, -- when relay looks at it: within that hour, at each member's own minute
    seen_at past_moment, -- when Discord last said that the member is in the server
    PRIMARY KEY (user_id, occasion),
    CHECK (occasion <> 'week' OR weekdays = '7'),
    CHECK ((off IS NULL) = (hour_at IS NOT NULL AND next_at IS NOT NULL))
);
CREATE INDEX reminders_due ON reminders (next_at) WHERE next_at IS NOT NULL;

-- The next moment after that one at which a clock reaches the hour on one of these weekdays, on a date after the last
-- one. An hour that the clock skips comes at its end, one that it shows twice comes the first time.
CREATE FUNCTION next_reminder(after timestamptz, hour int, weekdays text, zone text, last_day date) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT min(at)
    FROM generate_series(0, 15) AS nth
    CROSS JOIN LATERAL (SELECT local_day(after, zone) + nth AS day) AS days
    CROSS JOIN LATERAL (SELECT clock_reaches(day + make_interval(hours => hour), zone) AS at) AS clock
    WHERE at > after
        AND strpos(weekdays, extract(isodow FROM day)::text) > 0
        AND local_day(at, zone) > coalesce(last_day, '-infinity')
$$;

-- The next moment follows from the rest of the row and from the member's zone; nobody else writes it, but for relay
-- when it looks again some minutes later. The minute comes from the member's id, whose upper bits are the time at which
-- the account was made: all members together are spread over fifty minutes, so that what comes back has ten more.
CREATE FUNCTION plan_reminder() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.hour_at := NULL;
    IF NEW.off IS NULL THEN
        SELECT next_reminder(clock_timestamp(), NEW.hour, NEW.weekdays, time_zone, NEW.last_day) INTO NEW.hour_at
        FROM users WHERE users.user_id = NEW.user_id;
    END IF;
    NEW.next_at := NEW.hour_at + make_interval(secs => (NEW.user_id >> 22) % 3000);
    RETURN NEW;
END
$$;
CREATE TRIGGER plan_reminder BEFORE INSERT OR UPDATE OF hour, weekdays, off, last_day ON reminders
FOR EACH ROW EXECUTE FUNCTION plan_reminder();

-- Who moves takes the hour along.
CREATE FUNCTION move_reminder() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE reminders SET hour = hour WHERE reminders.user_id = NEW.user_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER move_reminder AFTER UPDATE OF time_zone ON users
FOR EACH ROW WHEN (NEW.time_zone <> OLD.time_zone) EXECUTE FUNCTION move_reminder();

-- When the member last used the game: in the server, which shows that they are in it, or anywhere. An interaction's id
-- is its time in milliseconds since 2015 (https://discord.com/developers/docs/reference#snowflakes).
CREATE FUNCTION last_used(user_id bigint, in_server boolean) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT to_timestamp(((max(interaction_id) >> 22) + 1420070400000) / 1000.0)
    FROM rate_limits
    WHERE rate_limits.user_id = last_used.user_id AND interaction_id > 0 AND NOT (in_server AND pace = 'direct')
$$;
GRANT EXECUTE ON FUNCTION last_used(bigint, boolean) TO app_main, app_outbox;

GRANT SELECT, INSERT (user_id, occasion, hour, weekdays), UPDATE (hour, weekdays, since, off) ON reminders TO app_main;
GRANT SELECT, UPDATE (off, last_day, next_at, seen_at) ON reminders TO app_outbox;
-- What a reminder says follows from the member's days, and from no figure that they logged.
GRANT SELECT ON booked_days, travel_days, outages, pauses, rest_days TO app_outbox;
GRANT SELECT (user_id, day, stat, logged_late) ON daily_records TO app_outbox;
GRANT EXECUTE ON FUNCTION
    outage_days(bigint), covered_days(bigint), day_begins(date, text), clock_reaches(timestamp, text)
TO app_outbox;
