-- Why: what the game keeps about a member is theirs, so they may have all of it deleted. This is the one exception to
-- the rule that the ledger is only added to. Nothing that names the member is left, and the figures of others do not
-- change.
--
-- * Deleted: their ledger, awards, questions and outcomes; their totals, which takes them off every board and out of
--   what their faction gathered; everything else with their row of users (its foreign keys cascade).
-- * Kept without them: what they gave to raids, so that no total changes; and entries of the audit log about them.
--   These also lose before, after and reason, which describe the person.
-- * What they did to others or to the game as moderator or admin keeps their id in the audit log until 400 days after
--   it was done: nobody gets rid of it by having themselves deleted. Then prune() takes it away.
-- * Kept under a keyed hash of their id, until it expires: warnings that count, limits that they have used up, and that
--   they had themselves deleted. So nobody gets rid of these either, or fills the log of deletions.
-- * Warnings are deleted too. They serve while the person is here; the audit log keeps that one was given, and a ban
--   is Discord's.
--
-- A restore brings back members who were deleted since its snapshot, so each deletion is also written to a log outside
-- of the database, and repeated from there (docs/rules/privacy.md, Deletion log). A deletion that is repeated touches
-- nothing that was written after it had ended.
--
-- A person without a row of users may still have traces. If they join at this moment, their new row is not locked
-- here, and nothing that belongs to it is changed.
--
-- A message of the queue that arrives later finds no award, and does not bring the member back.
--
-- Lock order: the member's row, then raids, awards, moderation, the ledger, and the counters last, by the triggers on
-- xp_totals and users.

-- Every deletion that was done in this database, without the member: written with it, in one transaction. Its end is
-- then written to the log, by the function that deleted or by the sweep.
CREATE TABLE deletions (
    interaction_id bigint PRIMARY KEY, -- of the member's confirmation
    ended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    logged_at past_moment
);
CREATE INDEX deletions_to_log ON deletions (ended_at) WHERE logged_at IS NULL;

GRANT SELECT, INSERT (interaction_id), UPDATE (logged_at) ON deletions TO app_main;
GRANT SELECT, UPDATE (logged_at), DELETE ON deletions TO app_award; -- DELETE: of those that the log has dropped

-- The key of the hashes, made at random: no role of ours can read it. It is in the snapshots, as all that it protects.
-- Who has the whole database can find out whose a hash is by trying the ids of all members.
CREATE TABLE pseudonym_key (
    last boolean PRIMARY KEY DEFAULT true CHECK (last),
    key bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
);
INSERT INTO pseudonym_key DEFAULT VALUES;

-- What stays in force when somebody has themselves deleted. `ref` is the warning's id, the pace, or the interaction
-- that confirmed the deletion.
CREATE TABLE kept_after_deletion (
    who bytea NOT NULL CHECK (length(who) = 32),
    what text COLLATE "C" NOT NULL CHECK (what IN ('warning', 'pace', 'deletion')),
    ref text COLLATE "C" NOT NULL CHECK (length(ref) <= 40),
    until timestamptz NOT NULL,
    PRIMARY KEY (who, what, ref)
);
CREATE INDEX kept_after_deletion_by_age ON kept_after_deletion (until);

-- The keyed hash of a member's id. Both inputs have a fixed length, so nothing can be appended to them. Nobody may call
-- it but the functions below.
CREATE FUNCTION pseudonym(user_id bigint) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT sha256(key || int8send(pseudonym.user_id)) FROM pseudonym_key
$$;

-- What is kept of somebody who had themselves deleted.
CREATE FUNCTION kept_of(user_id bigint) RETURNS TABLE (what text, ref text, until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT kept.what, kept.ref, kept.until
    FROM kept_after_deletion AS kept
    WHERE kept.who = pseudonym(kept_of.user_id) AND kept.until > clock_timestamp()
$$;
GRANT EXECUTE ON FUNCTION kept_of(bigint) TO app_main;

-- Whether somebody may have themselves deleted: three times in 24 hours. Null if so, and then it is noted; else when
-- they may again. Two at once wait for each other at the key.
CREATE FUNCTION admit_deletion(user_id bigint, interaction_id bigint) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    asking CONSTANT bytea := pseudonym(admit_deletion.user_id);
    again timestamptz;
BEGIN
    PERFORM FROM pseudonym_key FOR NO KEY UPDATE;
    SELECT kept.until INTO again
    FROM kept_of(admit_deletion.user_id) AS kept
    WHERE kept.what = 'deletion' AND kept.ref <> admit_deletion.interaction_id::text
    ORDER BY kept.until DESC OFFSET 2 LIMIT 1;
    IF FOUND THEN
        RETURN again;
    END IF;
    INSERT INTO kept_after_deletion (who, what, ref, until)
    VALUES (asking, 'deletion', admit_deletion.interaction_id::text, clock_timestamp() + interval '1 day')
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
GRANT EXECUTE ON FUNCTION admit_deletion(bigint, bigint) TO app_main;

-- Delete what was written about the member until that moment. Returns whether there was such a member.
CREATE FUNCTION delete_member(user_id bigint, until timestamptz DEFAULT 'infinity') RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    leaving CONSTANT bigint := delete_member.user_id;
    left_as CONSTANT bytea := pseudonym(delete_member.user_id);
    now CONSTANT timestamptz := clock_timestamp();
    known boolean;
BEGIN
    -- The only one that keeps out rows that refer to the member, too.
    PERFORM FROM users WHERE users.user_id = leaving AND users.created_at <= until FOR UPDATE;
    known := FOUND;

    -- Some rows name several people, two of whom may be deleted at once: these rows are locked in order. So is the raid
    -- that runs: a contribution that wins it names the top one, who must not be leaving at that moment.
    PERFORM FROM raid_events AS raids
    WHERE raids.status = 'active' OR raids.started_by = leaving OR raids.top_user_id = leaving
    ORDER BY raid_id FOR NO KEY UPDATE;
    UPDATE raid_events AS raids SET started_by = NULL WHERE raids.started_by = leaving AND raids.started_at <= until;
    UPDATE raid_events AS raids SET top_user_id = NULL
    WHERE raids.top_user_id = leaving AND (raids.ended_at > until) IS NOT TRUE;
    UPDATE raid_contributions AS given SET user_id = NULL WHERE given.user_id = leaving AND given.at <= until;

    DELETE FROM day_awards AS awards WHERE awards.user_id = leaving AND known;
    DELETE FROM pending_xp_awards AS awards WHERE awards.user_id = leaving AND known;

    PERFORM FROM course_questions AS questions
    WHERE questions.user_id = leaving OR questions.answered_by = leaving ORDER BY question_id FOR UPDATE;
    DELETE FROM course_questions AS questions WHERE questions.user_id = leaving AND known;
    UPDATE course_questions AS questions
    SET answered_by = NULL WHERE questions.answered_by = leaving AND (questions.answered_at > until) IS NOT TRUE;

    PERFORM FROM content_flags AS flags
    WHERE flags.user_id = leaving OR flags.resolved_by = leaving ORDER BY id FOR UPDATE;
    DELETE FROM content_flags AS flags WHERE flags.user_id = leaving AND flags.at <= until;
    UPDATE content_flags AS flags
    SET resolved_by = NULL WHERE flags.resolved_by = leaving AND (flags.resolved_at > until) IS NOT TRUE;

    PERFORM FROM warned_people AS warned WHERE warned.user_id = leaving FOR UPDATE;
    PERFORM FROM user_warnings AS warnings
    WHERE warnings.user_id = leaving OR warnings.given_by = leaving OR warnings.withdrawn_by = leaving
    ORDER BY id FOR UPDATE;
    PERFORM FROM user_moderation AS proposals
    WHERE proposals.user_id = leaving OR proposals.resolved_by = leaving ORDER BY id FOR UPDATE;
    INSERT INTO kept_after_deletion (who, what, ref, until)
    SELECT left_as, 'warning', warnings.id::text, warnings.at + interval '30 days'
    FROM user_warnings AS warnings
    WHERE warnings.user_id = leaving AND warnings.at <= delete_member.until AND warnings.withdrawn_at IS NULL
        AND warnings.at > now - interval '30 days'
    ON CONFLICT DO NOTHING;
    DELETE FROM user_warnings AS warnings WHERE warnings.user_id = leaving AND warnings.at <= until;
    DELETE FROM warned_people AS warned WHERE warned.user_id = leaving AND warned.warned_at <= until;
    UPDATE user_warnings AS warnings
    SET given_by = NULL WHERE warnings.given_by = leaving AND warnings.at <= until;
    UPDATE user_warnings AS warnings
    SET withdrawn_by = NULL WHERE warnings.withdrawn_by = leaving AND (warnings.withdrawn_at > until) IS NOT TRUE;
    DELETE FROM user_moderation AS proposals WHERE proposals.user_id = leaving AND proposals.at <= until;
    UPDATE user_moderation AS proposals
    SET resolved_by = NULL WHERE proposals.resolved_by = leaving AND (proposals.resolved_at > until) IS NOT TRUE;

    -- What is sealed of a person goes with its salt (007).
    PERFORM FROM audit_log AS entries
    WHERE (entries.subject_id = leaving OR entries.actor_id = leaving) AND entries.at <= until
    ORDER BY id FOR UPDATE;
    UPDATE audit_chain AS chained
    SET
        about_salt = CASE WHEN entries.subject_id = leaving THEN NULL ELSE chained.about_salt END,
        actor_salt = CASE
            WHEN entries.actor_id = leaving
                AND (entries.subject_id = leaving OR entries.at <= now - interval '400 days')
            THEN NULL
            ELSE chained.actor_salt
        END
    FROM audit_log AS entries
    WHERE (entries.subject_id = leaving OR entries.actor_id = leaving) AND entries.at <= until
        AND chained.entry_id = entries.id;
    UPDATE audit_log AS entries
    SET
        subject_id = NULL, before = NULL, after = NULL, reason = '',
        actor_id = nullif(entries.actor_id, leaving) -- what they did to themselves
    WHERE entries.subject_id = leaving AND entries.at <= until;
    UPDATE audit_log AS entries
    SET
        actor_id = CASE WHEN entries.at > now - interval '400 days' THEN leaving END,
        actor_until = CASE WHEN entries.at > now - interval '400 days' THEN entries.at + interval '400 days' END
    WHERE entries.actor_id = leaving AND entries.at <= until;
    UPDATE game_roles AS roles SET added_by = NULL WHERE roles.added_by = leaving AND roles.added_at <= until;

    DELETE FROM interactions_done AS done WHERE done.user_id = leaving AND done.at <= until;
    DELETE FROM xp_ledger AS ledger WHERE ledger.user_id = leaving AND known;
    DELETE FROM xp_totals AS totals WHERE totals.user_id = leaving AND known;
    INSERT INTO kept_after_deletion (who, what, ref, until)
    SELECT left_as, 'pace', limits.pace, limits.expected_at
    FROM rate_limits AS limits
    WHERE limits.user_id = leaving AND limits.expected_at > now AND known
    ON CONFLICT (who, what, ref) DO UPDATE SET until = EXCLUDED.until;
    DELETE FROM users WHERE users.user_id = leaving AND known;
    IF known THEN
        INSERT INTO audit_log (action) VALUES ('privacy.delete');
    END IF;
    RETURN known;
END
$$;
GRANT EXECUTE ON FUNCTION delete_member(bigint, timestamptz) TO app_main;
