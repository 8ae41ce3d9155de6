-- Why: what nothing needs any more would make every table grow for ever: outcomes nobody can ask for again, weeks and
-- months that no board shows, ticks that were undone, refusals of long ago. The sweep of each minute calls prune(). The
-- ledger, what members logged, and what people wrote are kept (docs/rules/database.md, Growth).
--
-- Each table's old rows are found once (MATERIALIZED): with stale statistics, IN would look for them once per row.
--
-- Lock order: a row that somebody has locked is left to the next sweep. The totals of periods come last, and their
-- counters in ascending order, as everywhere.

CREATE INDEX time_zone_changes_by_age ON time_zone_changes (at);
CREATE INDEX pending_xp_awards_cancelled ON pending_xp_awards (resolved_at) WHERE status = 'cancelled';
CREATE INDEX raid_contributions_of_nothing ON raid_contributions (id) WHERE points = 0;
CREATE INDEX announcements_of_raids ON announcements (resolved_at) WHERE user_id IS NULL;

-- Delete at most so many rows of each table, 5 000 at most, the oldest first; gives how many it deleted of each. The
-- ages are here and not arguments, so that no caller can delete what is needed.
CREATE FUNCTION prune(most int) RETURNS TABLE (pruned text, amount bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    now CONSTANT timestamptz := clock_timestamp();
    today CONSTANT date := (now AT TIME ZONE 'UTC')::date;
    this_week CONSTANT text COLLATE "C" := period_of('week', today - 14);
    this_month CONSTANT text COLLATE "C" := period_of('month', today - 14);
    first_week CONSTANT text COLLATE "C" := to_char(today - 14, 'IYYY-"W"');
BEGIN
    most := least(most, 5000);

    -- Discord repeats within seconds, and a request older than 300 s is refused.
    pruned := 'interactions_done';
    WITH old AS MATERIALIZED (
        SELECT interaction_id FROM interactions_done WHERE at < now - interval '1 day'
        ORDER BY at LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM interactions_done AS one USING old WHERE one.interaction_id = old.interaction_id;
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    pruned := 'rate_limit_violations';
    WITH old AS MATERIALIZED (
        SELECT user_id, pace, day FROM rate_limit_violations WHERE day < today - 30
        ORDER BY day LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM rate_limit_violations AS one USING old
    WHERE (one.user_id, one.pace, one.day) = (old.user_id, old.pace, old.day);
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- How often a member may change their zone is counted over 14 days.
    pruned := 'time_zone_changes';
    WITH old AS MATERIALIZED (
        SELECT user_id, at FROM time_zone_changes WHERE at < now - interval '30 days'
        ORDER BY at LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM time_zone_changes AS one USING old WHERE (one.user_id, one.at) = (old.user_id, old.at);
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- A raid asks whether a challenge was undone since it began, at most four hours ago. A late message of the queue
    -- finds no award, and does nothing.
    pruned := 'pending_xp_awards';
    WITH old AS MATERIALIZED (
        SELECT award_id FROM pending_xp_awards WHERE status = 'cancelled' AND resolved_at < now - interval '30 days'
        ORDER BY resolved_at LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM pending_xp_awards AS one USING old WHERE one.award_id = old.award_id;
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- They matter as long as more can be logged or taken back.
    pruned := 'raid_contributions';
    WITH old AS MATERIALIZED (
        SELECT given.id
        FROM raid_contributions AS given
        JOIN raid_events AS raids USING (raid_id)
        WHERE given.points = 0
            AND raids.ended_at < now - interval '1 day'
            AND (raids.status <> 'completed' OR raids.rewarded_at IS NOT NULL)
        ORDER BY given.id LIMIT most FOR UPDATE OF given SKIP LOCKED
    )
    DELETE FROM raid_contributions AS one USING old WHERE one.id = old.id;
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- A raid begins and ends once, and a week is over once. What was announced about a member is kept: it must not be
    -- announced again.
    pruned := 'announcements';
    WITH old AS MATERIALIZED (
        SELECT key FROM announcements WHERE user_id IS NULL AND resolved_at < now - interval '30 days'
        ORDER BY resolved_at LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM announcements AS one USING old WHERE one.key = old.key;
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- Below a post one can cheer for 30 days, so nobody takes these back or counts them any more.
    pruned := 'cheers';
    WITH old AS MATERIALIZED (
        SELECT key, user_id FROM cheers WHERE at < now - interval '60 days'
        ORDER BY at LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM cheers AS one USING old WHERE (one.key, one.user_id) = (old.key, old.user_id);
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- What is settled has been said, or will not be; a key names one occasion. What waits for longer than a month,
    -- because there is no bot or another version made it, is of no interest. Nobody repairs what is handed over but
    -- relay.
    pruned := 'outbox';
    WITH old AS MATERIALIZED (
        SELECT id FROM outbox
        WHERE settled_at < now - interval '30 days' OR (state = 'due' AND due_at < now - interval '30 days')
        ORDER BY id LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM outbox AS one USING old WHERE one.id = old.id;
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- Members who come back later read it elsewhere.
    pruned := 'for_you';
    WITH old AS MATERIALIZED (
        SELECT user_id, kind, ref FROM for_you WHERE at < now - interval '30 days'
        ORDER BY at LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM for_you AS one USING old WHERE (one.user_id, one.kind, one.ref) = (old.user_id, old.kind, old.ref);
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- It is no longer in force.
    pruned := 'kept_after_deletion';
    WITH old AS MATERIALIZED (
        SELECT who, what, ref FROM kept_after_deletion WHERE until < now
        ORDER BY until LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM kept_after_deletion AS one USING old WHERE (one.who, one.what, one.ref) = (old.who, old.what, old.ref);
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- Entries stay; the ids of people who had themselves deleted go.
    pruned := 'audit_log';
    WITH old AS MATERIALIZED (
        SELECT id FROM audit_log WHERE actor_until < now ORDER BY actor_until LIMIT most FOR UPDATE SKIP LOCKED
    ),
    unsealed AS (
        UPDATE audit_chain AS chained SET actor_salt = NULL FROM old WHERE chained.entry_id = old.id
    )
    UPDATE audit_log AS one SET actor_id = NULL, actor_until = NULL FROM old WHERE one.id = old.id;
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- Nothing that needs it was refused for so long: what asked for it is off.
    pruned := 'missing_rights';
    DELETE FROM missing_rights WHERE last_at < now - interval '30 days';
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- Discord accepts a token for 15 minutes.
    pruned := 'interaction_tokens';
    WITH old AS MATERIALIZED (
        SELECT user_id FROM interaction_tokens WHERE expires_at < now
        ORDER BY expires_at LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM interaction_tokens AS one USING old WHERE one.user_id = old.user_id;
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- Boards show the week and the month of today, and what is said of the last week compares it with the one before.
    -- An undo of something older begins its period again, and the next sweep deletes that. Two ranges of the index have
    -- what may be too old: up to the month, and the weeks of this year.
    pruned := 'xp_totals';
    WITH old AS MATERIALIZED (
        SELECT user_id, period, board
        FROM xp_totals
        WHERE (period < this_month OR (period >= first_week AND period < this_week))
            AND period < CASE WHEN period LIKE '%-W%' THEN this_week ELSE this_month END
        ORDER BY period, board, leaf DESC LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM xp_totals AS one USING old
    WHERE (one.user_id, one.period, one.board) = (old.user_id, old.period, old.board);
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    -- The trigger on the totals has deleted them, but for rows of one node whose sum is nothing.
    pruned := 'board_counts';
    WITH old AS MATERIALIZED (
        SELECT id
        FROM board_counts
        WHERE (period < this_month OR (period >= first_week AND period < this_week))
            AND period < CASE WHEN period LIKE '%-W%' THEN this_week ELSE this_month END
            AND NOT EXISTS (
                SELECT FROM xp_totals AS left_over
                WHERE left_over.period = board_counts.period AND left_over.board = board_counts.board
            )
        ORDER BY period, board, node LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM board_counts AS one USING old WHERE one.id = old.id;
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;

    pruned := 'faction_totals';
    WITH old AS MATERIALIZED (
        SELECT period, faction, part
        FROM faction_totals
        WHERE xp = 0 AND active = 0 AND period < this_week
        ORDER BY period, faction, part LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM faction_totals AS one USING old
    WHERE (one.period, one.faction, one.part) = (old.period, old.faction, old.part);
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN NEXT;
END
$$;
GRANT EXECUTE ON FUNCTION prune(int) TO app_award;
