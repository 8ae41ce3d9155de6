-- Why: the server may hear of more than milestones: of levels that members reach, of raids that begin and end. All of
-- it goes one way: a row here, made in the transaction of what it tells of, by triggers wherever that happens in more
-- than one place; its key makes a second one impossible. The queue Notices is told afterwards. What could not be sent
-- stays due, and the sweep of each minute sends it.
--
-- Lock order: a row is made behind the lock on what it is about, a member or a raid, and nobody else makes that row;
-- whoever sends one locks nothing else.

-- In the order in which an award takes them, so that none waits for us while we wait for it; and nobody may be sending
-- a milestone while it moves.
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE milestones IN EXCLUSIVE MODE;

CREATE TABLE announcements (
    key text PRIMARY KEY, -- 'milestone:<member>:<challenges>', 'level_up:<member>:<level>', 'raid_started:<raid>' ...
    kind text NOT NULL CHECK (kind IN ('milestone', 'level_up', 'raid_started', 'raid_completed', 'raid_failed')),
    user_id bigint REFERENCES users ON DELETE CASCADE, -- whom it is about; null: a raid
    details jsonb NOT NULL CHECK (jsonb_typeof(details) = 'object'),
    -- due: to be announced; sent: the queue has it; silent: nobody wanted to hear of it
    status text NOT NULL DEFAULT 'due' CHECK (status IN ('due', 'sent', 'silent')),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    resolved_at timestamptz,
    CHECK ((user_id IS NULL) = (kind LIKE 'raid%')),
    CHECK ((status = 'due') = (resolved_at IS NULL))
);
-- The way to what is still to be sent; nearly always empty.
CREATE INDEX announcements_due ON announcements (made_at) WHERE status = 'due';
CREATE INDEX announcements_of_member ON announcements (user_id);

-- Levels that are told, each once in a member's life. Whoever jumps over several is told at the highest.
CREATE FUNCTION announce_level() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO announcements (key, kind, user_id, details, status, resolved_at)
    SELECT
        format('level_up:%s:%s', NEW.user_id, reached.level), 'level_up', NEW.user_id,
        jsonb_build_object('level', reached.level),
        CASE WHEN reached.is_highest THEN 'due' ELSE 'silent' END,
        CASE WHEN NOT reached.is_highest THEN clock_timestamp() END
    FROM (
        SELECT level, level = max(level) OVER () AS is_highest
        FROM unnest(ARRAY[5, 10, 25, 50]) AS told (level)
        WHERE level > OLD.level AND level <= NEW.level
    ) AS reached
    ON CONFLICT (key) DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER announce_level AFTER UPDATE OF xp ON users
FOR EACH ROW WHEN (NEW.level > OLD.level) EXECUTE FUNCTION announce_level();

-- A raid's beginning, and how it ended. That one was cancelled is told by the answer to whoever cancelled it.
CREATE FUNCTION announce_raid() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    kind CONSTANT text := CASE NEW.status WHEN 'active' THEN 'raid_started' ELSE 'raid_' || NEW.status END;
BEGIN
    INSERT INTO announcements (key, kind, details)
    VALUES (format('%s:%s', kind, NEW.raid_id), kind, jsonb_build_object('raid_id', NEW.raid_id))
    ON CONFLICT (key) DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER announce_raid_start AFTER INSERT ON raid_events
FOR EACH ROW EXECUTE FUNCTION announce_raid();
CREATE TRIGGER announce_raid_end AFTER UPDATE OF status ON raid_events
FOR EACH ROW WHEN (OLD.status = 'active' AND NEW.status IN ('completed', 'failed')) EXECUTE FUNCTION announce_raid();

-- Milestones as they were; and what members have reached before levels were announced is known, and stays in silence.
INSERT INTO announcements (key, kind, user_id, details, status, made_at, resolved_at)
SELECT
    format('milestone:%s:%s', user_id, challenges), 'milestone', user_id,
    jsonb_build_object('challenges', challenges), status, reached_at, resolved_at
FROM milestones;
INSERT INTO announcements (key, kind, user_id, details, status, resolved_at)
SELECT
    format('level_up:%s:%s', user_id, reached.level), 'level_up', user_id,
    jsonb_build_object('level', reached.level), 'silent', clock_timestamp()
FROM users
CROSS JOIN unnest(ARRAY[5, 10, 25, 50]) AS reached (level)
WHERE users.level >= reached.level;

-- The release before this one still writes milestones, and may come back after a rollback: it writes them into the new
-- table, and finds none to send. A later migration drops this door.
DELETE FROM milestones;
CREATE FUNCTION pass_on_milestone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO announcements (key, kind, user_id, details)
    VALUES (
        format('milestone:%s:%s', NEW.user_id, NEW.challenges), 'milestone', NEW.user_id,
        jsonb_build_object('challenges', NEW.challenges)
    )
    ON CONFLICT (key) DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER pass_on_milestone BEFORE INSERT ON milestones
FOR EACH ROW EXECUTE FUNCTION pass_on_milestone();

GRANT SELECT, INSERT (key, kind, user_id, details), UPDATE (status, resolved_at) ON announcements TO app_award;
GRANT SELECT ON announcements TO app_main;
