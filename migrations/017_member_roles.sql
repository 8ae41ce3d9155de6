-- Why: admins choose roles in Discord that members get for what they reach, and lose when it is no longer so. Discord
-- alone knows who has a role, so what is kept here is what the game gave: nothing else is ever taken away
-- (docs/rules/roles.md).
--
-- Whatever may change a member's roles puts a row into the outbox, in the same transaction. relay decides at hand-over
-- which role that is, one after the other.

-- The roles of the game; `least` is the level, the days of a streak, or the challenges.
CREATE TABLE game_roles (
    role_id bigint PRIMARY KEY CHECK (role_id > 0),
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('level', 'class', 'faction', 'streak', 'challenges')),
    least int NOT NULL DEFAULT 0 CHECK (least BETWEEN 0 AND 10000),
    name text COLLATE "C" NOT NULL DEFAULT '' CHECK (length(name) <= 40), -- of the class or the faction
    keeps_lower boolean NOT NULL DEFAULT false, -- the same in all of a kind
    added_by bigint, -- null: an admin whose data was deleted
    added_at past_moment NOT NULL DEFAULT clock_timestamp(),
    checked_at past_moment, -- when Discord was last asked whether it may be given
    refused text CHECK (length(refused) <= 200), -- why it is not given, in our own words
    CHECK ((kind IN ('class', 'faction')) = (name <> '')),
    CHECK ((kind IN ('level', 'streak', 'challenges')) = (least > 0))
);
CREATE UNIQUE INDEX game_roles_once ON game_roles (kind, least, name);
CREATE INDEX game_roles_added_by ON game_roles (added_by); -- for export and deletion

-- What a member has of them: `given` by the game, `kept` are those that they had without it. `wanted` is what followed
-- from the rules when they were last checked.
CREATE TABLE member_roles (
    user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    wanted bigint[] NOT NULL DEFAULT '{}' CHECK (cardinality(wanted) <= 250), -- as many as a server has
    given bigint[] NOT NULL DEFAULT '{}' CHECK (cardinality(given) <= 250),
    kept bigint[] NOT NULL DEFAULT '{}' CHECK (cardinality(kept) <= 250),
    checked_at past_moment NOT NULL DEFAULT clock_timestamp()
);

-- When the roles of the game changed last (null: there never were any), and how far the last sync has come; one row.
CREATE TABLE role_state (
    last boolean PRIMARY KEY DEFAULT true CHECK (last),
    changed_at timestamptz,
    sync_id int NOT NULL DEFAULT 0 CHECK (sync_id >= 0),
    started_at past_moment,
    finished_at past_moment,
    after_id bigint NOT NULL DEFAULT 0, -- members up to this id are done
    done int NOT NULL DEFAULT 0,
    differing int NOT NULL DEFAULT 0, -- of whom some role is to be given or taken
    members int NOT NULL DEFAULT 0 -- when it began
);
INSERT INTO role_state DEFAULT VALUES;
CREATE TRIGGER role_state_syncs BEFORE UPDATE ON role_state
FOR EACH ROW WHEN (NEW.sync_id NOT IN (OLD.sync_id, OLD.sync_id + 1)) EXECUTE FUNCTION refuse_jump();

-- One role of a member at a time: what was handed over is known by what they have.
CREATE UNIQUE INDEX outbox_roles_handed ON outbox (user_id) WHERE kind = 'roles' AND state = 'handed';

CREATE FUNCTION follow_game_roles() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE role_state SET changed_at = clock_timestamp();
    RETURN NULL;
END
$$;
CREATE TRIGGER follow_game_roles AFTER INSERT OR DELETE OR UPDATE OF kind, least, name, keeps_lower, added_by, refused
ON game_roles FOR EACH ROW EXECUTE FUNCTION follow_game_roles();

-- Have relay look which roles the member should have; one row that waits is enough.
CREATE FUNCTION check_roles(user_id bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO outbox (key, kind, user_id)
    SELECT
        'roles:' || me.user_id || ':' || (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, 'roles', me.user_id
    FROM users AS me
    WHERE me.user_id = check_roles.user_id AND NOT EXISTS (
        SELECT FROM outbox AS waiting
        WHERE waiting.user_id = me.user_id AND waiting.kind = 'roles' AND waiting.state = 'due'
    )
    ON CONFLICT (key) DO NOTHING
$$;

-- With an argument: as long as there is a role of that kind.
CREATE FUNCTION follow_with_roles() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM role_state WHERE changed_at IS NOT NULL)
        AND (TG_NARGS = 0 OR EXISTS (SELECT FROM game_roles WHERE kind = TG_ARGV[0]))
    THEN
        PERFORM check_roles(coalesce(NEW.user_id, OLD.user_id));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER roles_follow_members AFTER UPDATE ON users FOR EACH ROW WHEN (
    OLD.level <> NEW.level
    OR OLD.social_freedom_exercises_tenseys <> NEW.social_freedom_exercises_tenseys
    OR OLD.faction IS DISTINCT FROM NEW.faction
) EXECUTE FUNCTION follow_with_roles();
CREATE TRIGGER roles_follow_days AFTER UPDATE ON booked_days FOR EACH ROW
WHEN (OLD.counts <> NEW.counts) EXECUTE FUNCTION follow_with_roles('streak');
CREATE TRIGGER roles_follow_deleted_days AFTER DELETE ON booked_days FOR EACH ROW
WHEN (OLD.counts) EXECUTE FUNCTION follow_with_roles('streak');
CREATE TRIGGER roles_follow_ticks AFTER INSERT OR UPDATE OF status ON pending_xp_awards FOR EACH ROW
EXECUTE FUNCTION follow_with_roles('streak');

-- What an interaction says of its member's roles. What they no longer have is not theirs any more; a moment passes
-- between a role that was given and the next interaction that knows of it.
CREATE FUNCTION note_roles(user_id bigint, seen bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    changed CONSTANT timestamptz := (SELECT changed_at FROM role_state);
    own member_roles;
    zone text;
BEGIN
    IF changed IS NULL THEN
        RETURN;
    END IF;
    SELECT * INTO own FROM member_roles WHERE member_roles.user_id = note_roles.user_id;
    IF FOUND AND own.checked_at >= changed THEN
        IF own.checked_at > clock_timestamp() - interval '1 minute' THEN
            RETURN;
        END IF;
        SELECT time_zone INTO zone FROM users WHERE users.user_id = note_roles.user_id;
        IF own.wanted <@ note_roles.seen AND own.given <@ note_roles.seen
            AND (
                local_day(own.checked_at, zone) = local_day(clock_timestamp(), zone)
                OR NOT EXISTS (SELECT FROM game_roles WHERE kind = 'streak')
            )
        THEN
            RETURN;
        END IF;
    END IF;
    UPDATE member_roles
    SET given = ARRAY(SELECT unnest(given) INTERSECT SELECT unnest(note_roles.seen)),
        kept = ARRAY(SELECT unnest(kept) INTERSECT SELECT unnest(note_roles.seen))
    WHERE member_roles.user_id = note_roles.user_id AND checked_at < clock_timestamp() - interval '1 minute'
        AND NOT EXISTS (
            SELECT FROM outbox
            WHERE outbox.user_id = note_roles.user_id AND outbox.kind = 'roles' AND outbox.state = 'handed'
        )
        AND NOT (given <@ note_roles.seen AND kept <@ note_roles.seen);
    PERFORM check_roles(note_roles.user_id);
END
$$;

GRANT SELECT, DELETE, INSERT (role_id, kind, least, name, keeps_lower, added_by),
UPDATE (kind, least, name, keeps_lower, added_by, added_at, checked_at, refused) ON game_roles TO app_main;
GRANT SELECT ON member_roles TO app_main;
GRANT SELECT, UPDATE (sync_id, started_at, finished_at, after_id, done, differing, members) ON role_state TO app_main;
GRANT EXECUTE ON FUNCTION note_roles(bigint, bigint[]) TO app_main;

GRANT SELECT, UPDATE (checked_at, refused) ON game_roles TO app_outbox;
GRANT SELECT, INSERT (user_id, wanted, given, kept), UPDATE (wanted, given, kept, checked_at) ON member_roles
TO app_outbox;
GRANT SELECT, UPDATE (finished_at, after_id, done, differing) ON role_state TO app_outbox;
GRANT EXECUTE ON FUNCTION check_roles(bigint) TO app_outbox;
-- A streak is replayed from what app_outbox reads for reminders (015_reminders.sql).
