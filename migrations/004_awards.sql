-- Why: a ticked challenge becomes 100 XP sixty seconds later, exactly once, whatever crashes in between
-- (docs/rules/awards.md). The row decides, the queue only says when to look: every tick has its own row, so that a late
-- message of an undone tick names a cancelled row and does nothing.

CREATE TABLE pending_xp_awards (
    award_id uuid PRIMARY KEY DEFAULT uuidv7(),
    user_id bigint NOT NULL REFERENCES users,
    challenge_id text COLLATE "C" NOT NULL CHECK (length(challenge_id) <= 100),
    xp int NOT NULL CHECK (xp BETWEEN 1 AND 1000),
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'awarded', 'cancelled', 'reversed')),
    day date NOT NULL,
    delay int NOT NULL DEFAULT 60 CHECK (delay BETWEEN 0 AND 900), -- seconds; the bounds are those of SQS
    due_at timestamptz NOT NULL,
    sent_at past_moment,
    created_at timestamptz NOT NULL,
    resolved_at past_moment,
    CHECK (due_at >= created_at),
    CHECK ((status = 'pending') = (resolved_at IS NULL))
);
-- At most one live award per member and challenge; it also finds the live awards of a member.
CREATE UNIQUE INDEX pending_xp_awards_live ON pending_xp_awards (user_id, challenge_id)
WHERE status IN ('pending', 'awarded');
-- For the sweep of overdue awards.
CREATE INDEX pending_xp_awards_due ON pending_xp_awards (due_at) WHERE status = 'pending';
-- A member's whole history, for export and deletion.
CREATE INDEX pending_xp_awards_of_member ON pending_xp_awards (user_id);

-- The function that inserts an award does not choose its XP, its day or its due time: it names member, challenge and
-- delay, and the rest is filled in here. A list has at most 1 000 challenges, so no role can give anybody more than
-- that.
CREATE FUNCTION fill_in_award() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF 1000 <= (
        SELECT count(*) FROM pending_xp_awards WHERE user_id = NEW.user_id AND status IN ('pending', 'awarded')
    ) THEN
        RAISE check_violation USING MESSAGE = 'more live awards than a list has challenges';
    END IF;
    NEW.created_at := coalesce(NEW.created_at, clock_timestamp());
    NEW.xp := coalesce(NEW.xp, 100);
    NEW.day := coalesce(
        NEW.day, local_day(NEW.created_at, (SELECT time_zone FROM users WHERE user_id = NEW.user_id))
    );
    NEW.due_at := coalesce(NEW.due_at, NEW.created_at + make_interval(secs => NEW.delay));
    RETURN NEW;
END
$$;
CREATE TRIGGER fill_in_award BEFORE INSERT ON pending_xp_awards FOR EACH ROW EXECUTE FUNCTION fill_in_award();

-- Completions are the live awards, stored once.
CREATE VIEW tensey_completions WITH (security_invoker = true) AS
SELECT award_id, user_id, challenge_id, status, day, created_at, due_at
FROM pending_xp_awards
WHERE status IN ('pending', 'awarded');

-- Which role may make which transition: tensey inserts pending rows, marks them sent and cancels them; award awards
-- them; main only reads. An awarded row is reversed by reverse_award() alone.
ALTER TABLE pending_xp_awards ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone_reads ON pending_xp_awards FOR SELECT TO app_main, app_tensey, app_award USING (true);
CREATE POLICY tensey_ticks ON pending_xp_awards FOR INSERT TO app_tensey WITH CHECK (status = 'pending');
CREATE POLICY tensey_cancels ON pending_xp_awards FOR UPDATE TO app_tensey
USING (status = 'pending') WITH CHECK (status IN ('pending', 'cancelled'));
CREATE POLICY award_awards ON pending_xp_awards FOR UPDATE TO app_award
USING (status = 'pending') WITH CHECK (status = 'awarded');

GRANT SELECT ON pending_xp_awards, tensey_completions TO app_main, app_tensey, app_award;
GRANT INSERT (user_id, challenge_id, delay) ON pending_xp_awards TO app_tensey;
GRANT UPDATE (status, sent_at, resolved_at) ON pending_xp_awards TO app_tensey;
GRANT UPDATE (status, resolved_at) ON pending_xp_awards TO app_award;

-- A ledger row has the XP of its award, and belongs to its member.
CREATE POLICY award_books_awards ON xp_ledger FOR INSERT TO app_award
WITH CHECK (
    CASE WHEN source = 'tensey' AND kind = 'award' THEN EXISTS (
        SELECT FROM pending_xp_awards AS awards
        WHERE awards.award_id = source_id::uuid
            AND awards.user_id = xp_ledger.user_id
            AND awards.xp = xp_ledger.xp
            AND awards.day = xp_ledger.day
    ) ELSE false END
);

-- Everything that awarding one includes: its ledger row, that of the challenge of the day if it was one (018), the
-- milestone that the member reaches with it, and the news for them: in their last answer as long as it can be edited
-- (outbox), otherwise in their next one (019). As one function it is one statement for the client, whose rights it has:
-- each of its own statements sees what was committed before it began, so the lock comes first here as it does
-- elsewhere. Returns awarded, not_due (pending, its time has not come) or nothing (there is nothing to do).
CREATE FUNCTION apply_award(award_id uuid, milestones int[]) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    award pending_xp_awards;
    of_day record; -- of day_awards, which comes later
BEGIN
    -- An award never changes its owner, so the owner may be read before the lock.
    PERFORM FROM users
    WHERE users.user_id = (
        SELECT awards.user_id FROM pending_xp_awards AS awards WHERE awards.award_id = apply_award.award_id
    )
    FOR NO KEY UPDATE;

    UPDATE pending_xp_awards AS awards
    SET status = 'awarded', resolved_at = clock_timestamp()
    WHERE awards.award_id = apply_award.award_id AND awards.status = 'pending' AND awards.due_at <= clock_timestamp()
    RETURNING awards.* INTO award;
    IF NOT FOUND THEN
        RETURN CASE WHEN EXISTS (
            SELECT FROM pending_xp_awards AS waiting
            WHERE waiting.award_id = apply_award.award_id AND waiting.status = 'pending'
        ) THEN 'not_due' ELSE 'nothing' END;
    END IF;

    SELECT * INTO of_day FROM claim_day_award(award.award_id);

    INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
    SELECT
        award.user_id, booked.xp, 'award', booked.source, booked.source_id::text, award.day,
        jsonb_build_object('challenge_id', award.challenge_id)
    FROM (
        VALUES (1, award.xp, 'tensey', award.award_id), (2, of_day.xp, 'today', of_day.award_id)
    ) AS booked (place, xp, source, source_id)
    WHERE booked.source_id IS NOT NULL
    ORDER BY booked.place;

    -- The ledger's trigger has counted it. The last milestone is the length of the list.
    INSERT INTO announcements AS kept (key, kind, user_id, details)
    SELECT
        format('milestone:%s:%s', users.user_id, users.social_freedom_exercises_tenseys), 'milestone', users.user_id,
        jsonb_build_object(
            'challenges', users.social_freedom_exercises_tenseys, 'listed', milestones[cardinality(milestones)]
        )
    FROM users
    WHERE users.user_id = award.user_id AND users.social_freedom_exercises_tenseys = ANY(milestones)
    ON CONFLICT (key) DO UPDATE
    SET status = 'due', made_at = clock_timestamp(), resolved_at = NULL WHERE kept.status = 'lapsed';

    INSERT INTO outbox (key, kind, user_id, refs)
    SELECT
        format('award:%s', award.award_id), 'award', users.user_id,
        jsonb_build_object('award_id', award.award_id, 'total', users.xp)
    FROM users
    JOIN interaction_tokens AS tokens USING (user_id)
    WHERE users.user_id = award.user_id AND tokens.expires_at > clock_timestamp()
    ON CONFLICT (key) DO NOTHING;
    IF NOT FOUND THEN
        PERFORM tell_award_later(award.award_id, users.xp) FROM users WHERE users.user_id = award.user_id;
    END IF;
    RETURN 'awarded';
END
$$;
GRANT EXECUTE ON FUNCTION apply_award(uuid, int[]) TO app_award;

-- The only change of the ledger that tensey may make: reverse one award of one member, once, and with it its XP as the
-- challenge of the day. Both reversals are booked on the day of the award, so that they leave the same week and month.
-- Returns whether there was anything to reverse.
CREATE FUNCTION reverse_award(award_id uuid, user_id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    award pending_xp_awards;
    of_day record; -- of day_awards, which comes later
BEGIN
    PERFORM FROM users WHERE users.user_id = reverse_award.user_id FOR NO KEY UPDATE;

    UPDATE pending_xp_awards AS awards
    SET status = 'reversed', resolved_at = clock_timestamp()
    WHERE awards.award_id = reverse_award.award_id
        AND awards.user_id = reverse_award.user_id
        AND awards.status = 'awarded'
    RETURNING awards.* INTO award;
    IF NOT FOUND THEN
        RETURN false;
    END IF;

    UPDATE day_awards AS own
    SET reversed_at = clock_timestamp()
    WHERE own.tick_id = award.award_id AND own.reversed_at IS NULL
    RETURNING own.* INTO of_day;

    INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
    SELECT
        award.user_id, -booked.xp, 'reversal', booked.source, booked.source_id::text, award.day,
        jsonb_build_object('challenge_id', award.challenge_id)
    FROM (
        VALUES (1, award.xp, 'tensey', award.award_id), (2, of_day.xp, 'today', of_day.award_id)
    ) AS booked (place, xp, source, source_id)
    WHERE booked.source_id IS NOT NULL
    ORDER BY booked.place;

    DELETE FROM for_you AS waiting
    WHERE (waiting.user_id, waiting.kind, waiting.ref) = (award.user_id, 'award', award_ref(award.award_id));
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION reverse_award(uuid, bigint) TO app_tensey;
