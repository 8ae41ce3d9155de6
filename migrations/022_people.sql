-- Why: what the game keeps about a member is the member's. They may see all of it, and have all of it removed; and they
-- may move their day to where they live without losing a streak over it.
--
-- Lock order: forget_member() takes the member's row first, then raids, awards, what people said of each other, the
-- ledger, and the counters last, by the triggers on xp_totals and users.

-- When a member moved their day. It limits how often that can be done: each move shifts when a missed day is judged, so
-- that whoever moved every day would never miss one (game/members/time_zones.py has the figures).
CREATE TABLE time_zone_changes (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    from_zone text NOT NULL,
    to_zone text NOT NULL,
    PRIMARY KEY (user_id, at)
);
GRANT SELECT, INSERT (user_id, at, from_zone, to_zone) ON time_zone_changes TO app_main;

-- An export tells of every table, be it an empty one.
GRANT SELECT ON milestones TO app_main;

-- A member's stored outcomes, for export and deletion; the table holds a day of everybody's.
CREATE INDEX interactions_done_of_member ON interactions_done (user_id);

-- The same for what a moderator or an admin has done, whose name goes from it.
CREATE INDEX user_warnings_of_withdrawer ON user_warnings (withdrawn_by) WHERE withdrawn_by IS NOT NULL;
CREATE INDEX user_moderation_of_resolver ON user_moderation (resolved_by) WHERE resolved_by IS NOT NULL;
CREATE INDEX content_flags_of_resolver ON content_flags (resolved_by) WHERE resolved_by IS NOT NULL;
CREATE INDEX course_questions_of_answerer ON course_questions (answered_by) WHERE answered_by IS NOT NULL;

-- Lock the row of the member who acts, who may have had to wait for it: whoever was forgotten meanwhile must not come
-- back by what they began before. To look for the row afterwards would not do: they may have begun anew, and that row
-- would not be the one that was waited for, and not be locked.
CREATE FUNCTION lock_member(user_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM users WHERE users.user_id = lock_member.user_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'forgotten' USING ERRCODE = 'MM410';
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION lock_member(bigint) TO app_main, app_tensey;

-- Remove a member: the one exception to rows of the ledger being only added (docs/rules/database.md, Tables). Nothing
-- that names them is left, and every figure of the others stays as it is.
--
-- * Deleted: their ledger, awards, questions and outcomes here; their totals, which takes them out of every board and
--   out of what their faction gathered; everything else with their row of users (its foreign keys cascade).
-- * Kept without them: what they gave to raids, so that no total changes; and entries of the audit log. Those about them
--   lose before, after and reason as well, for these tell of the person. What they did to others stays told, as done
--   by somebody.
-- * Warnings go too. They serve while somebody is here; that one was given stays in the audit log, and a ban is
--   Discord's.
--
-- Who is not known has traces at most. Whoever begins anew in this moment is not locked here, so that nothing that hangs
-- on their new row is touched.
--
-- A message of the queue that comes later finds no award, and brings nobody back. Says whether there was anybody.
CREATE FUNCTION forget_member(user_id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    forgotten CONSTANT bigint := forget_member.user_id;
    known boolean;
BEGIN
    PERFORM FROM users WHERE users.user_id = forgotten FOR UPDATE;
    known := FOUND;

    -- Where several people stand in one row, two of them may be forgotten at once: the rows are locked in their order.
    PERFORM FROM raid_events AS raids
    WHERE raids.started_by = forgotten OR raids.top_user_id = forgotten ORDER BY raid_id FOR NO KEY UPDATE;
    UPDATE raid_events AS raids SET started_by = NULL WHERE raids.started_by = forgotten;
    UPDATE raid_events AS raids SET top_user_id = NULL WHERE raids.top_user_id = forgotten;
    UPDATE raid_contributions AS given SET user_id = NULL WHERE given.user_id = forgotten;

    DELETE FROM pending_xp_awards AS awards WHERE awards.user_id = forgotten AND known;

    PERFORM FROM course_questions AS questions
    WHERE questions.user_id = forgotten OR questions.answered_by = forgotten ORDER BY question_id FOR UPDATE;
    DELETE FROM course_questions AS questions WHERE questions.user_id = forgotten;
    UPDATE course_questions AS questions SET answered_by = NULL WHERE questions.answered_by = forgotten;

    PERFORM FROM content_flags AS flags
    WHERE flags.user_id = forgotten OR flags.resolved_by = forgotten ORDER BY id FOR UPDATE;
    DELETE FROM content_flags AS flags WHERE flags.user_id = forgotten;
    UPDATE content_flags AS flags SET resolved_by = NULL WHERE flags.resolved_by = forgotten;

    PERFORM FROM user_warnings AS warnings
    WHERE warnings.user_id = forgotten OR warnings.given_by = forgotten OR warnings.withdrawn_by = forgotten
    ORDER BY id FOR UPDATE;
    PERFORM FROM user_moderation AS proposals
    WHERE proposals.user_id = forgotten OR proposals.resolved_by = forgotten ORDER BY id FOR UPDATE;
    DELETE FROM user_warnings AS warnings WHERE warnings.user_id = forgotten;
    UPDATE user_warnings AS warnings SET given_by = NULL WHERE warnings.given_by = forgotten;
    UPDATE user_warnings AS warnings SET withdrawn_by = NULL WHERE warnings.withdrawn_by = forgotten;
    DELETE FROM user_moderation AS proposals WHERE proposals.user_id = forgotten;
    UPDATE user_moderation AS proposals SET resolved_by = NULL WHERE proposals.resolved_by = forgotten;

    PERFORM FROM audit_log AS entries
    WHERE entries.subject_id = forgotten OR entries.actor_id = forgotten ORDER BY id FOR UPDATE;
    UPDATE audit_log AS entries
    SET subject_id = NULL, before = NULL, after = NULL, reason = ''
    WHERE entries.subject_id = forgotten;
    UPDATE audit_log AS entries SET actor_id = NULL WHERE entries.actor_id = forgotten;

    DELETE FROM interactions_done AS done WHERE done.user_id = forgotten;
    DELETE FROM xp_ledger AS ledger WHERE ledger.user_id = forgotten AND known;
    DELETE FROM xp_totals AS totals WHERE totals.user_id = forgotten AND known;
    DELETE FROM users WHERE users.user_id = forgotten AND known;
    IF known THEN
        INSERT INTO audit_log (action) VALUES ('privacy.delete');
    END IF;
    RETURN known;
END
$$;
GRANT EXECUTE ON FUNCTION forget_member(bigint) TO app_main;
