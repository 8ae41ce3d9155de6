-- Why: the game also sends messages unasked. Whatever it asks of Discord on its own is a row here, inserted in the
-- transaction of what causes it, so that neither can be without the other; its key makes it once. The function relay
-- looks whether it is still true, composes it, and hands it over to the function outbox, which asks Discord and says
-- what became of it (docs/rules/relay.md).
--
-- A row says whom it is about and names other rows. It holds no text that anybody wrote: what is said is composed when
-- it is handed over, from what is true then.
--
-- Lock order: the member first, as everywhere; a row of the outbox after whatever causes it. relay locks one row at a
-- time, in a transaction of its own, and no transaction is open while a queue is asked.

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text COLLATE "C" NOT NULL UNIQUE CHECK (length(key) <= 100), -- 'award:<award>', 'reminder:<member>:<day>' ...
    kind text COLLATE "C" NOT NULL CHECK (kind ~ '^[a-z_]{1,40}$'), -- a file of mastermind/relay/kinds
    user_id bigint REFERENCES users ON DELETE CASCADE, -- the member it is about; null: the server
    refs jsonb NOT NULL DEFAULT '{}' CHECK (
        jsonb_typeof(refs) = 'object'
        AND pg_column_size(refs) <= 1000
        AND NOT jsonb_path_exists(refs, 'strict $.* ? (@.type() == "object" || @.type() == "array")')
        AND NOT jsonb_path_exists(
            refs, 'strict $.* ? (@.type() == "string" && !(@ like_regex "^[-A-Za-z0-9_:.+/]{0,64}$"))'
        )
    ),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at near_moment NOT NULL DEFAULT clock_timestamp(),
    retry_at near_moment, -- until then it waits although it is due
    -- due: to be handed over; handed: to the function outbox, which has not said yet what became of it; done; lapsed:
    -- no longer true, or too old; refused: by Discord; gone: its channel, message or role is; unknown: nobody can say
    -- whether it was done, and it is not done again.
    state text NOT NULL DEFAULT 'due'
        CHECK (state IN ('due', 'handed', 'done', 'lapsed', 'refused', 'gone', 'unknown')),
    tries int NOT NULL DEFAULT 0 CHECK (tries >= 0), -- how often it was handed over
    tried boolean NOT NULL DEFAULT false, -- whether Discord may have been asked by a hand-over that came back
    needs text COLLATE "C" CHECK (needs ~ '^[a-z_]{1,40}$'), -- the right in Discord that the last hand-over needs
    target_id bigint NOT NULL DEFAULT 0, -- in which channel, or over which role; 0: in the server
    handed_at past_moment,
    deadline near_moment, -- of the hand-over: after it Discord is not asked
    asked_at past_moment, -- when outbox was last asked what became of it
    settled_at past_moment,
    channel_id bigint,
    message_id bigint,
    status int,
    code int,
    reason text CHECK (length(reason) <= 200), -- what outbox or Discord gave, in our own words
    CHECK ((state IN ('due', 'handed')) = (settled_at IS NULL)),
    CHECK (state <> 'handed' OR (handed_at IS NOT NULL AND deadline IS NOT NULL))
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'due';
CREATE INDEX outbox_handed ON outbox (deadline) WHERE state = 'handed';
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX outbox_not_done ON outbox (settled_at) WHERE state IN ('refused', 'unknown'); -- for admins and operators
CREATE INDEX outbox_of_member ON outbox (user_id);
CREATE TRIGGER outbox_tries BEFORE UPDATE ON outbox
FOR EACH ROW WHEN (NEW.tries NOT IN (OLD.tries, OLD.tries + 1)) EXECUTE FUNCTION refuse_jump();

-- The token of a member's last tick or undo: what changes soon after can still be shown in that answer. Sealed for the
-- function outbox; nobody who reads this table can use it. It is worth nothing after 15 minutes, so it is not logged
-- either: no snapshot and no dump has it.
CREATE UNLOGGED TABLE interaction_tokens (
    user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    sealed bytea NOT NULL CHECK (length(sealed) <= 600),
    revision text COLLATE "C" NOT NULL CHECK (revision ~ '^[0-9A-Za-z]{4}$'), -- of the answer, as in its custom_ids
    expires_at timestamptz NOT NULL DEFAULT clock_timestamp() + interval '15 minutes'
);
CREATE INDEX interaction_tokens_by_age ON interaction_tokens (expires_at);

-- The channels of direct messages. Discord looks out for bots that open many, so they are kept; and who has closed
-- theirs is left alone until they say otherwise.
CREATE TABLE direct_channels (
    user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    channel_id bigint CHECK (channel_id > 0),
    opened_at past_moment NOT NULL DEFAULT clock_timestamp(), -- when outbox was last asked to open it
    closed_at past_moment -- when Discord said that the member accepts no direct messages
);
CREATE INDEX direct_channels_by_age ON direct_channels (opened_at);

-- Whether there is a bot token that Discord accepts, as the function outbox last said; one row.
CREATE TABLE bot_status (
    last boolean PRIMARY KEY DEFAULT true CHECK (last),
    is_on boolean NOT NULL DEFAULT false,
    since past_moment NOT NULL DEFAULT clock_timestamp(),
    asked_at past_moment NOT NULL DEFAULT 'epoch'
);
INSERT INTO bot_status DEFAULT VALUES;

-- Rights that the bot lacks in Discord: since it was first refused for want of them, until something that needs them is
-- done. The admins are notified once of each.
CREATE TABLE missing_rights (
    needs text COLLATE "C" NOT NULL CHECK (needs ~ '^[a-z_]{1,40}$'),
    target_id bigint NOT NULL,
    code int NOT NULL, -- what Discord answered
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_at past_moment NOT NULL DEFAULT clock_timestamp(), -- when it was last refused
    notified_at past_moment,
    PRIMARY KEY (needs, target_id)
);

GRANT SELECT, INSERT (key, kind, user_id, refs, due_at) ON outbox TO app_main, app_award, app_outbox;
GRANT UPDATE (
    state, retry_at, tries, tried, needs, target_id, handed_at, deadline, asked_at, settled_at, channel_id, message_id,
    status, code, reason
) ON outbox TO app_outbox;

GRANT SELECT (user_id), INSERT (user_id, sealed, revision), DELETE ON interaction_tokens TO app_tensey;
GRANT SELECT (user_id, revision, expires_at) ON interaction_tokens TO app_main, app_award;
GRANT SELECT ON interaction_tokens TO app_outbox;

GRANT SELECT, UPDATE (closed_at) ON direct_channels TO app_main;
GRANT SELECT, INSERT (user_id, channel_id), UPDATE (channel_id, opened_at, closed_at) ON direct_channels TO app_outbox;
GRANT SELECT ON missing_rights TO app_main;
GRANT SELECT, INSERT (needs, target_id, code), UPDATE (code, last_at, notified_at), DELETE ON missing_rights
TO app_outbox;
GRANT SELECT ON bot_status TO app_main, app_award;
GRANT SELECT, UPDATE (is_on, since, asked_at) ON bot_status TO app_outbox;

-- What is said is composed from these.
GRANT SELECT (
    user_id, display_name, xp, level, social_freedom_exercises_tenseys, faction, time_zone, hidden, avatar, settings,
    created_at
) ON users TO app_outbox;
GRANT UPDATE (updated_at) ON users TO app_outbox; -- without it nobody may lock the row
GRANT SELECT, UPDATE (status, resolved_at, claimed_until, digest_id) ON announcements TO app_outbox;
GRANT USAGE ON SEQUENCE digests TO app_outbox;
GRANT SELECT ON pending_xp_awards, tensey_completions, raid_events, raid_contributions TO app_outbox;
GRANT SELECT (id, user_id, strike, reason, withdrawn_by, withdrawn_at) ON user_warnings TO app_outbox;
GRANT SELECT, UPDATE (status, resolved_by, resolved_at, acted_at, lifted_at, refusal) ON user_moderation TO app_outbox;
GRANT SELECT (id, actor_id, operator, action, subject_id), INSERT (actor_id, action, subject_id, before, after, reason)
ON audit_log TO app_outbox;
CREATE POLICY outbox_reads ON pending_xp_awards FOR SELECT TO app_outbox USING (true);
