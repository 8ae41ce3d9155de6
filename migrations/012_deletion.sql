-- Why: what the game keeps about a member is theirs, so they may have all of it deleted. This is the one exception to
-- the rule that the ledger is only added to. Nothing that names the member is left, and the figures of others do not
-- change.
--
-- * Deleted: their ledger, awards, questions and outcomes; their totals, which takes them off every board and out of
--   what their faction gathered; everything else with their row of users (its foreign keys cascade).
-- * Kept without them: what they gave to raids, so that no total changes; and entries of the audit log. Entries about
--   them also lose before, after and reason, which describe the person. What they did to others is kept without their
--   name.
-- * Warnings are deleted too. They serve while the person is here; the audit log keeps that one was given, and a ban
--   is Discord's.
--
-- A person without a row of users may still have traces. If they join at this moment, their new row is not locked
-- here, and nothing that belongs to it is changed.
--
-- A message of the queue that arrives later finds no award, and does not bring the member back.
--
-- Lock order: the member's row, then raids, awards, moderation, the ledger, and the counters last, by the triggers on
-- xp_totals and users.

-- Returns whether there was such a member.
CREATE FUNCTION delete_member(user_id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    leaving CONSTANT bigint := delete_member.user_id;
    known boolean;
BEGIN
    PERFORM FROM users WHERE users.user_id = leaving FOR UPDATE;
    known := FOUND;

    -- Some rows name several people, two of whom may be deleted at once: these rows are locked in order. So is the raid
    -- that runs: a contribution that wins it names the top one, who must not be leaving at that moment.
    PERFORM FROM raid_events AS raids
    WHERE raids.status = 'active' OR raids.started_by = leaving OR raids.top_user_id = leaving
    ORDER BY raid_id FOR NO KEY UPDATE;
    UPDATE raid_events AS raids SET started_by = NULL WHERE raids.started_by = leaving;
    UPDATE raid_events AS raids SET top_user_id = NULL WHERE raids.top_user_id = leaving;
    UPDATE raid_contributions AS given SET user_id = NULL WHERE given.user_id = leaving;

    DELETE FROM pending_xp_awards AS awards WHERE awards.user_id = leaving AND known;

    PERFORM FROM course_questions AS questions
    WHERE questions.user_id = leaving OR questions.answered_by = leaving ORDER BY question_id FOR UPDATE;
    DELETE FROM course_questions AS questions WHERE questions.user_id = leaving;
    UPDATE course_questions AS questions SET answered_by = NULL WHERE questions.answered_by = leaving;

    PERFORM FROM content_flags AS flags
    WHERE flags.user_id = leaving OR flags.resolved_by = leaving ORDER BY id FOR UPDATE;
    DELETE FROM content_flags AS flags WHERE flags.user_id = leaving;
    UPDATE content_flags AS flags SET resolved_by = NULL WHERE flags.resolved_by = leaving;

    PERFORM FROM warned_people AS warned WHERE warned.user_id = leaving FOR UPDATE;
    PERFORM FROM user_warnings AS warnings
    WHERE warnings.user_id = leaving OR warnings.given_by = leaving OR warnings.withdrawn_by = leaving
    ORDER BY id FOR UPDATE;
    PERFORM FROM user_moderation AS proposals
    WHERE proposals.user_id = leaving OR proposals.resolved_by = leaving ORDER BY id FOR UPDATE;
    DELETE FROM user_warnings AS warnings WHERE warnings.user_id = leaving;
    DELETE FROM warned_people AS warned WHERE warned.user_id = leaving;
    UPDATE user_warnings AS warnings SET given_by = NULL WHERE warnings.given_by = leaving;
    UPDATE user_warnings AS warnings SET withdrawn_by = NULL WHERE warnings.withdrawn_by = leaving;
    DELETE FROM user_moderation AS proposals WHERE proposals.user_id = leaving;
    UPDATE user_moderation AS proposals SET resolved_by = NULL WHERE proposals.resolved_by = leaving;

    PERFORM FROM audit_log AS entries
    WHERE entries.subject_id = leaving OR entries.actor_id = leaving ORDER BY id FOR UPDATE;
    UPDATE audit_log AS entries
    SET subject_id = NULL, before = NULL, after = NULL, reason = ''
    WHERE entries.subject_id = leaving;
    UPDATE audit_log AS entries SET actor_id = NULL WHERE entries.actor_id = leaving;

    DELETE FROM interactions_done AS done WHERE done.user_id = leaving;
    DELETE FROM xp_ledger AS ledger WHERE ledger.user_id = leaving AND known;
    DELETE FROM xp_totals AS totals WHERE totals.user_id = leaving AND known;
    DELETE FROM users WHERE users.user_id = leaving AND known;
    IF known THEN
        INSERT INTO audit_log (action) VALUES ('privacy.delete');
    END IF;
    RETURN known;
END
$$;
GRANT EXECUTE ON FUNCTION delete_member(bigint) TO app_main;
