-- Why: people who may change what belongs to others are accountable for it. The audit log has every such change with
-- its before and after, and none of our roles can change or remove an entry; a change by the owner is detected. The
-- other tables are what moderators work with: warnings, what a second and a third one propose to the admins (the game
-- proposes, people decide), and flagged texts.
--
-- The people in the audit log and in warnings need not be members: a moderator may warn somebody who has never played.
-- Hence no foreign keys to users there, and delete_member() clears these columns itself.
--
-- Lock order: the row of warned_people comes after the moderator's row of users; entries lock nothing.

CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id bigint, -- who did it; null: deleted since
    actor_until timestamptz, -- they had themselves deleted; at this time their id goes (012)
    action text COLLATE "C" NOT NULL CHECK (length(action) <= 60 AND action ~ '^[a-z_]+[.][a-z_]+$'),
    subject_id bigint, -- who it was done to, if anybody; null also: deleted since
    before jsonb CHECK (jsonb_typeof(before) = 'object' AND pg_column_size(before) <= 20000),
    after jsonb CHECK (jsonb_typeof(after) = 'object' AND pg_column_size(after) <= 20000),
    reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 1000),
    operator text CHECK (length(operator) BETWEEN 1 AND 2048), -- an ARN, as the tool says who invoked a function
    invocation text CHECK (length(invocation) BETWEEN 1 AND 100), -- Lambda's id of that request
    CHECK (operator IS NULL OR actor_id IS NULL),
    CHECK ((operator IS NULL) = (invocation IS NULL))
);
CREATE INDEX audit_log_of_actor ON audit_log (actor_id, id DESC);
CREATE INDEX audit_log_of_deleted ON audit_log (actor_until) WHERE actor_until IS NOT NULL;
CREATE INDEX audit_log_of_subject ON audit_log (subject_id, id DESC);
CREATE INDEX audit_log_of_action ON audit_log (action, id DESC);

-- The audit log as a chain (docs/decisions/038): each entry is sealed with the one before, so nobody changes, removes
-- or adds one later without breaking every link after it. The sweep extends it, not the member's transaction. Fields
-- that name or describe a person are hashed with a salt: a deletion removes field and salt, and the links still hold.
-- There is no foreign key, so that a removed entry leaves a gap here.
CREATE TABLE audit_chain (
    position bigint PRIMARY KEY CHECK (position > 0),
    entry_id bigint NOT NULL UNIQUE,
    actor_salt uuid, -- null: the actor was forgotten
    about_salt uuid, -- null: subject, before, after and reason were
    actor_digest bytea NOT NULL CHECK (length(actor_digest) = 32),
    about_digest bytea NOT NULL CHECK (length(about_digest) = 32),
    link bytea NOT NULL CHECK (length(link) = 32)
);

-- The day (UTC) on which the end of the chain was last stored outside the database.
CREATE TABLE audit_head (
    last boolean PRIMARY KEY DEFAULT true CHECK (last),
    day past_day NOT NULL DEFAULT 'epoch'
);
INSERT INTO audit_head DEFAULT VALUES;

-- What of an entry is sealed, as text: its actor and what it is about, each with the salt, and the rest.
CREATE FUNCTION audit_texts(entry audit_log, chained audit_chain, OUT actor text, OUT about text, OUT rest text)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT
        jsonb_build_array(chained.actor_salt, entry.actor_id)::text,
        jsonb_build_array(chained.about_salt, entry.subject_id, entry.before, entry.after, entry.reason)::text,
        jsonb_build_array(
            chained.position, entry.id, extract(epoch FROM entry.at), entry.action, entry.operator, entry.invocation
        )::text
$$;

-- Add the entries that are older than a minute, which is longer than any transaction takes: entries get their ids in
-- one order and are committed in another. Returns the end of the chain, how many entries were added, and whether nobody
-- has written the end down today. One at a time: two sweeps wait for each other at the table. An entry is locked, so
-- that a deletion comes before or after it is sealed, not meanwhile.
CREATE FUNCTION extend_audit_chain(
    most int, OUT added int, OUT end_position bigint, OUT end_link bytea, OUT is_due boolean
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    chained audit_chain;
    entry audit_log;
    texts record;
    last_id bigint;
BEGIN
    LOCK TABLE audit_chain IN SHARE UPDATE EXCLUSIVE MODE;
    SELECT chain.position, chain.link, chain.entry_id INTO end_position, end_link, last_id
    FROM audit_chain AS chain ORDER BY chain.position DESC LIMIT 1;
    end_position := coalesce(end_position, 0);
    end_link := coalesce(end_link, sha256(''));
    added := 0;
    FOR entry IN
        SELECT * FROM audit_log AS entries
        WHERE entries.id > coalesce(last_id, 0) AND entries.id < ALL (
            SELECT young.id FROM audit_log AS young
            WHERE young.id > coalesce(last_id, 0) AND young.at >= clock_timestamp() - interval '1 minute'
        )
        ORDER BY entries.id LIMIT least(most, 1000) FOR NO KEY UPDATE
    LOOP
        added := added + 1;
        end_position := end_position + 1;
        chained.position := end_position;
        chained.entry_id := entry.id;
        chained.actor_salt := gen_random_uuid();
        chained.about_salt := gen_random_uuid();
        texts := audit_texts(entry, chained);
        chained.actor_digest := sha256(convert_to(texts.actor, 'UTF8'));
        chained.about_digest := sha256(convert_to(texts.about, 'UTF8'));
        end_link := sha256(
            end_link || chained.actor_digest || chained.about_digest || convert_to(texts.rest, 'UTF8')
        );
        chained.link := end_link;
        INSERT INTO audit_chain SELECT chained.*;
    END LOOP;
    -- Another day is due, a later one too: nobody who writes a day that has not come there keeps it from being written.
    is_due := end_position > 0 AND (SELECT head.day <> (now() AT TIME ZONE 'UTC')::date FROM audit_head AS head);
END
$$;
GRANT EXECUTE ON FUNCTION extend_audit_chain(int) TO app_award;
GRANT SELECT, UPDATE (day) ON audit_head TO app_award;
GRANT SELECT ON audit_chain TO app_main;
GRANT EXECUTE ON FUNCTION audit_texts(audit_log, audit_chain) TO app_main;

-- Everybody who was ever warned. Warning somebody locks their row here, so that two moderators at the same moment give
-- two different strikes; there may be no row of users to lock.
CREATE TABLE warned_people (
    user_id bigint PRIMARY KEY CHECK (user_id > 0),
    warned_at past_moment NOT NULL DEFAULT clock_timestamp()
);

-- `strike` is what the warning was when it was given: the first, second or third active one within 30 days. A withdrawn
-- one stays visible and does not count.
CREATE TABLE user_warnings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL CHECK (user_id > 0),
    display_name text NOT NULL CHECK (length(display_name) <= 100),
    strike int NOT NULL CHECK (strike BETWEEN 1 AND 3),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    given_by bigint, -- null: deleted since
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    withdrawn_by bigint,
    withdrawn_at past_moment,
    seen_at timestamptz -- when the member first saw it
);
CREATE INDEX user_warnings_of_member ON user_warnings (user_id, id DESC);
CREATE INDEX user_warnings_by_giver ON user_warnings (given_by);
CREATE INDEX user_warnings_of_withdrawer ON user_warnings (withdrawn_by) WHERE withdrawn_by IS NOT NULL;

-- What a strike proposes. Somebody who may do that in Discord confirms it, and the bot does it; or the admins do it by
-- hand or dismiss it, and say so here. What could not be done is open again.
CREATE TABLE user_moderation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL,
    warning_id bigint NOT NULL UNIQUE REFERENCES user_warnings ON DELETE CASCADE,
    proposal text NOT NULL CHECK (proposal IN ('timeout', 'ban')),
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'confirmed', 'done', 'dismissed', 'withdrawn')),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    resolved_by bigint,
    resolved_at past_moment,
    tries int NOT NULL DEFAULT 0 CHECK (tries >= 0), -- how often it was confirmed
    ends_at month_moment, -- the end of a time-out, as it was confirmed last
    acted_at past_moment, -- when the bot did it
    lifted_at past_moment, -- when the bot took it back
    refusal text CHECK (length(refusal) <= 300), -- why it could not be done or taken back, in our own words
    CHECK ((status = 'open') = (resolved_at IS NULL))
);
CREATE INDEX user_moderation_open ON user_moderation (id) WHERE status IN ('open', 'confirmed');
CREATE INDEX user_moderation_of_member ON user_moderation (user_id);
CREATE INDEX user_moderation_of_resolver ON user_moderation (resolved_by) WHERE resolved_by IS NOT NULL;
CREATE TRIGGER user_moderation_tries BEFORE UPDATE ON user_moderation
FOR EACH ROW WHEN (NEW.tries NOT IN (OLD.tries, OLD.tries + 1)) EXECUTE FUNCTION refuse_jump();

-- Texts that a moderator should look at; the text itself stays where it is. Somebody in need may write before they are
-- a member (docs/rules/need.md), so the author need not be one. An interaction is flagged once: with what it stores, or
-- by the message about its author's need, whichever comes first.
CREATE TABLE content_flags (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL CHECK (user_id > 0),
    interaction_id bigint NOT NULL UNIQUE,
    source text COLLATE "C" NOT NULL CHECK (length(source) <= 40),
    source_id text COLLATE "C" NOT NULL CHECK (length(source_id) <= 100),
    categories text[] NOT NULL CHECK (cardinality(categories) > 0 AND pg_column_size(categories) <= 2000),
    excerpt text NOT NULL CHECK (length(excerpt) <= 1000),
    in_need boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'resolved', 'dismissed')),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    resolved_by bigint,
    resolved_at past_moment,
    UNIQUE (source, source_id),
    CHECK ((status = 'open') = (resolved_at IS NULL))
);
CREATE INDEX content_flags_open ON content_flags (in_need DESC, id) WHERE status = 'open';
CREATE INDEX content_flags_of_member ON content_flags (user_id);
CREATE INDEX content_flags_of_resolver ON content_flags (resolved_by) WHERE resolved_by IS NOT NULL;

GRANT SELECT, INSERT (actor_id, action, subject_id, before, after, reason, operator, invocation) ON audit_log
TO app_main;
GRANT SELECT, INSERT (user_id), UPDATE (warned_at) ON warned_people TO app_main;
GRANT SELECT, INSERT (user_id, display_name, strike, reason, given_by), UPDATE (withdrawn_by, withdrawn_at)
ON user_warnings TO app_main;
GRANT SELECT, INSERT (user_id, warning_id, proposal), UPDATE (status, resolved_by, resolved_at, tries, ends_at, refusal)
ON user_moderation TO app_main;
GRANT SELECT, INSERT (user_id, interaction_id, source, source_id, categories, excerpt, in_need),
    UPDATE (status, resolved_by, resolved_at)
ON content_flags TO app_main;
GRANT SELECT (user_id, status, in_need),
    INSERT (user_id, interaction_id, source, source_id, categories, excerpt, in_need)
ON content_flags TO app_award;

-- The only change of awards that main may make: reverse all of a member's when an admin resets them
-- (docs/rules/figures.md, Reset). Pending awards are cancelled, awarded ones reversed, each on the day of its award,
-- and so are the challenges of the day (018). One row of today then brings the sum of the ledger to 0. All rows go in
-- one INSERT, as the lock order needs. The row of today is written even when it is 0: its key is the id of the reset,
-- so that no reset happens twice. Returns how many awards it cancelled and reversed.
CREATE FUNCTION reset_awards_and_xp(user_id bigint, reset_id text, reason text, OUT cancelled int, OUT reversed int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    owned users;
BEGIN
    SELECT * INTO STRICT owned FROM users WHERE users.user_id = reset_awards_and_xp.user_id FOR NO KEY UPDATE;

    UPDATE pending_xp_awards AS awards
    SET status = 'cancelled', resolved_at = clock_timestamp()
    WHERE awards.user_id = owned.user_id AND awards.status = 'pending';
    GET DIAGNOSTICS cancelled = ROW_COUNT;

    WITH taken AS (
        UPDATE pending_xp_awards AS awards
        SET status = 'reversed', resolved_at = clock_timestamp()
        WHERE awards.user_id = owned.user_id AND awards.status = 'awarded'
        RETURNING awards.award_id, awards.challenge_id, awards.xp, awards.day
    ), of_days AS (
        UPDATE day_awards AS own
        SET reversed_at = clock_timestamp()
        WHERE own.user_id = owned.user_id AND own.reversed_at IS NULL
        RETURNING own.award_id, own.challenge_id, own.xp, own.day
    ), reversals AS (
        SELECT 'tensey' AS source, award_id, challenge_id, xp, day FROM taken
        UNION ALL
        SELECT 'today', award_id, challenge_id, xp, day FROM of_days
    ), booked AS (
        INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
        (
            SELECT
                owned.user_id, -reversals.xp, 'reversal', reversals.source, reversals.award_id::text, reversals.day,
                jsonb_build_object('challenge_id', reversals.challenge_id)
            FROM reversals
            ORDER BY reversals.award_id, reversals.source COLLATE "C"
        )
        UNION ALL
        SELECT
            owned.user_id, coalesce((SELECT sum(reversals.xp) FROM reversals), 0) - owned.xp, 'reset', 'admin',
            reset_id, local_day(clock_timestamp(), owned.time_zone),
            jsonb_build_object('reason', reset_awards_and_xp.reason)
    )
    SELECT count(*) INTO reversed FROM taken;

    DELETE FROM for_you AS waiting WHERE waiting.user_id = owned.user_id AND waiting.kind = 'award';
END
$$;
GRANT EXECUTE ON FUNCTION reset_awards_and_xp(bigint, text, text) TO app_main;
