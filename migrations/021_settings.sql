-- Why: some of what a deploy sets is no infrastructure: which announcements are made and in which channel, how fast
-- members may play, who the moderators are. Admins change it in Discord, at once and without an operator
-- (docs/rules/settings.md).
--
-- What a deploy sets stays the default: a setting has a row only where it differs. charge() (010_rate_limits.sql) reads
-- the limits here.
--
-- Lock order: the member who changes a setting, then this table as a whole, so that two changes never miss each other.
-- Who adds a role of the game locks it too: no role is for the moderators and for playing.

-- A channel and a role are `asked` until Discord has been asked, and are in force as `value` from then on; `refused`
-- says why `asked` is not. A limit is how many times as fast as the deploy says, so that nobody can lock the game or
-- open it to a flood.
CREATE TABLE game_settings (
    name text COLLATE "C" PRIMARY KEY CHECK (length(name) <= 40),
    value text COLLATE "C" CHECK (length(value) <= 19),
    asked text COLLATE "C" CHECK (length(asked) <= 19),
    refused text CHECK (length(refused) <= 200), -- in our own words
    changed_at past_moment NOT NULL DEFAULT clock_timestamp(),
    notified_at past_moment, -- when the admins were told that it is refused
    CHECK (coalesce(value, asked) IS NOT NULL),
    CHECK (refused IS NULL OR asked IS NOT NULL),
    CHECK (
        CASE
            WHEN name IN ('milestones', 'level_ups', 'raids', 'weeks', 'report')
                THEN value IN ('on', 'off') AND asked IS NULL
            WHEN name IN (
                'limit.admin', 'limit.direct', 'limit.leaderboard', 'limit.other', 'limit.paging', 'limit.stats',
                'limit.ticks'
            ) THEN value IN ('0.5', '2', '4') AND asked IS NULL
            WHEN name IN ('channel', 'moderators') THEN coalesce(value, '1') ~ '^[1-9][0-9]{0,18}$'
                AND coalesce(asked, '1') ~ '^[1-9][0-9]{0,18}$'
        END IS TRUE
    )
);

-- relay puts into force what admins have asked for, and takes back what is gone. It chooses nothing itself: an
-- attacker who took it over could else name the moderators.
CREATE FUNCTION keep_to_what_was_asked() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (coalesce(NEW.value, OLD.asked, OLD.value) IN (OLD.asked, OLD.value)) IS NOT TRUE
        OR (coalesce(NEW.asked, OLD.asked, OLD.value) IN (OLD.asked, OLD.value)) IS NOT TRUE
    THEN
        RAISE check_violation USING MESSAGE = 'nobody has asked for that';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_to_what_was_asked BEFORE UPDATE ON game_settings FOR EACH ROW
WHEN (current_user = 'app_outbox') EXECUTE FUNCTION keep_to_what_was_asked();

GRANT SELECT, DELETE, INSERT (name, value, asked), UPDATE (value, asked, refused, changed_at, notified_at)
ON game_settings TO app_main;
GRANT SELECT, UPDATE (value, asked, refused, notified_at) ON game_settings TO app_outbox;
GRANT SELECT ON game_settings TO app_award;
