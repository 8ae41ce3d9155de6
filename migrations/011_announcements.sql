-- Why: the server celebrates members: milestones of challenges, certain levels, raids that begin and end, weeks. Each
-- announcement is a row here, inserted in the transaction of its event, by triggers wherever that event has more than
-- one source; its key makes a second one impossible, however often awards are repeated or undone. The function
-- relay puts what is due into the outbox, or into the queue Notices where there is no bot. A row that it could not send
-- stays due, and the next minute sends it. What stops being true before that lapses in the transaction that changes it,
-- so whatever is due is true.
--
-- Lock order: a row changes behind the lock on its member or raid, as the last of its transaction. The function
-- that sends it claims it first, in a transaction that waits for nobody, and marks it as sent in another: while the
-- queue is asked nothing is locked and no transaction is open.

CREATE TABLE announcements (
    -- 'milestone:<member>:<challenges>', 'level_up:<member>:<level>', 'raid_started:<raid>', 'week:<its Monday>' ...
    key text COLLATE "C" PRIMARY KEY CHECK (length(key) <= 100),
    kind text NOT NULL
        CHECK (kind IN ('milestone', 'level_up', 'raid_started', 'raid_completed', 'raid_failed', 'week')),
    user_id bigint REFERENCES users ON DELETE CASCADE, -- the member it is about; null: a raid or a week
    details jsonb NOT NULL CHECK (jsonb_typeof(details) = 'object' AND pg_column_size(details) <= 4000),
    -- due: to be announced; sent: the queue has it; silent: not announced, because announcements are off; lapsed: it
    -- stopped being true before it was sent, or a higher level was announced instead. Only lapsed ones can be due
    -- again.
    status text NOT NULL DEFAULT 'due' CHECK (status IN ('due', 'sent', 'silent', 'lapsed')),
    made_at past_moment NOT NULL DEFAULT clock_timestamp(),
    resolved_at past_moment,
    claimed_until near_moment, -- until then one process is sending it; after that it is as good as unclaimed
    digest_id bigint, -- it is posted together with others: with all that have the same; null: by itself
    CHECK ((user_id IS NULL) = (kind NOT IN ('milestone', 'level_up'))),
    CHECK (digest_id IS NULL OR user_id IS NOT NULL),
    CHECK ((status = 'due') = (resolved_at IS NULL))
);
-- Rows still to be sent; nearly always empty.
CREATE INDEX announcements_due ON announcements (made_at) WHERE status = 'due';
CREATE INDEX announcements_of_member ON announcements (user_id);
CREATE INDEX announcements_of_digest ON announcements (digest_id) WHERE digest_id IS NOT NULL;
-- How many were posted in the last minutes: what is more is gathered.
CREATE INDEX announcements_posted ON announcements (resolved_at)
WHERE status = 'sent' AND user_id IS NOT NULL AND digest_id IS NULL;
CREATE SEQUENCE digests AS bigint;

-- Who has cheered for whom, by a tap below what was posted: once for each announcement, and nobody for themselves. It
-- counts, and brings no XP.
CREATE TABLE cheers (
    key text COLLATE "C" NOT NULL REFERENCES announcements ON DELETE CASCADE,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    celebrated_id bigint NOT NULL REFERENCES users ON DELETE CASCADE, -- whom the announcement is about
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz, -- when they were told
    PRIMARY KEY (key, user_id),
    CHECK (user_id <> celebrated_id)
);
CREATE INDEX cheers_of_member ON cheers (user_id);
CREATE INDEX cheers_for_member ON cheers (celebrated_id);
CREATE INDEX cheers_unseen ON cheers (celebrated_id) WHERE seen_at IS NULL;
CREATE INDEX cheers_by_age ON cheers (at);

-- Levels that are announced, each once per member. Of several that are due the highest is sent.
CREATE FUNCTION announce_level() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO announcements AS kept (key, kind, user_id, details)
    SELECT
        format('level_up:%s:%s', NEW.user_id, level), 'level_up', NEW.user_id, jsonb_build_object('level', level)
    FROM unnest(ARRAY[5, 10, 25, 50]) AS announced (level)
    WHERE level > OLD.level AND level <= NEW.level
    ON CONFLICT (key) DO UPDATE
    SET status = 'due', made_at = clock_timestamp(), resolved_at = NULL WHERE kept.status = 'lapsed';
    RETURN NULL;
END
$$;
CREATE TRIGGER announce_level AFTER UPDATE OF xp ON users
FOR EACH ROW WHEN (NEW.level > OLD.level) EXECUTE FUNCTION announce_level();

-- A correction, an undo or a reset can take back what is not announced yet.
CREATE FUNCTION lapse_announcements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE announcements
    SET status = 'lapsed', resolved_at = clock_timestamp()
    WHERE user_id = NEW.user_id
        AND status = 'due'
        AND (
            (kind = 'level_up' AND (details ->> 'level')::int > NEW.level)
            OR (kind = 'milestone' AND (details ->> 'challenges')::int > NEW.social_freedom_exercises_tenseys)
        );
    RETURN NULL;
END
$$;
CREATE TRIGGER lapse_announcements AFTER UPDATE OF xp, social_freedom_exercises_tenseys ON users
FOR EACH ROW WHEN (
    NEW.level < OLD.level OR NEW.social_freedom_exercises_tenseys < OLD.social_freedom_exercises_tenseys
) EXECUTE FUNCTION lapse_announcements();

-- The start of a raid and how it ended. A cancelled one is not announced: the admin who cancelled it gets an answer.
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

GRANT SELECT, INSERT (key, kind, user_id, details), UPDATE (status, made_at, resolved_at) ON announcements TO app_award;
GRANT SELECT ON announcements TO app_main;
GRANT SELECT, INSERT (key, user_id, celebrated_id), DELETE ON cheers TO app_main;
