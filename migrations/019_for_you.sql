-- Why: what happens to a member while they are away must not lie hidden where they do not look. It stands as a line on
-- top of their next private answer, of either application, until it was said or read (docs/rules/messages.md, For you).
--
-- What has a table of its own and can be read is found there by its `seen_at`: answers to questions, warnings, cheers.
-- A welcome waits as long as they are away. Everything else is a row here, inserted with what causes it, and deleted
-- once it was said.
--
-- Lock order: a row is inserted behind the lock on its member. What was said is noted alone, warnings before rows, as
-- a deletion takes them.

CREATE TABLE for_you (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    -- mastermind/game/for_you/rules.py has them; those that are found in tables of their own are no rows.
    kind text COLLATE "C" NOT NULL
        CHECK (kind ~ '^[a-z_]{1,40}$' AND kind NOT IN ('answer', 'back', 'cheer', 'warning')),
    ref bigint NOT NULL DEFAULT 0, -- which one of the kind, such as a raid
    -- Figures alone: a word among them would end every answer of that member.
    details jsonb NOT NULL DEFAULT '{}' CHECK (
        jsonb_typeof(details) = 'object'
        AND pg_column_size(details) <= 1000
        AND NOT jsonb_path_exists(details, 'strict $.* ? (@.type() != "number" && @.type() != "boolean")')
        AND NOT jsonb_path_exists(details, 'strict $.* ? (@ < -1000000000000 || @ > 1000000000000)')
    ),
    shown int NOT NULL DEFAULT 0 CHECK (shown >= 0), -- on how many answers it stood, where that is counted
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, kind, ref)
);
CREATE INDEX for_you_by_age ON for_you (at);
CREATE INDEX course_questions_unseen ON course_questions (user_id) WHERE answer IS NOT NULL AND seen_at IS NULL;
CREATE INDEX user_warnings_unseen ON user_warnings (user_id) WHERE seen_at IS NULL AND withdrawn_at IS NULL;

-- Whether a member who has played before comes back after two days or more without one that counts, one of them decided
-- (docs/rules/streaks.md, Absence).
CREATE FUNCTION is_away(member bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT
        (
            EXISTS (SELECT FROM booked_days WHERE user_id = member AND counts)
            OR EXISTS (SELECT FROM day_awards WHERE user_id = member AND reversed_at IS NULL)
            OR EXISTS (SELECT FROM tensey_completions WHERE user_id = member)
        )
        AND NOT EXISTS (SELECT FROM booked_days WHERE user_id = member AND counts AND day >= today - 2)
        AND NOT EXISTS (SELECT FROM day_awards WHERE user_id = member AND reversed_at IS NULL AND day >= today - 2)
        AND NOT EXISTS (
            SELECT FROM pauses WHERE user_id = member AND ended_at IS NULL AND today BETWEEN first_day AND last_day
        )
        AND NOT EXISTS (SELECT FROM tensey_completions WHERE user_id = member AND day >= today - 2)
    FROM (SELECT local_day(clock_timestamp(), time_zone) AS today FROM users WHERE user_id = member) AS clock
$$;

-- All that waits for a member, NULL when nothing does. Each use of the game asks, in the statement that charges it. A
-- warning waits as long as it stands (mastermind/game/moderation/rules.py). Cheers are counted; their `ref` says up to
-- which moment, in microseconds, and a later one waits for the next answer.
CREATE FUNCTION waiting_for(member bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT jsonb_agg(
            jsonb_build_object('kind', kind, 'ref', ref, 'details', details, 'shown', shown) ORDER BY kind, ref
        )
        FROM (
            SELECT kind, ref, details, shown FROM for_you WHERE user_id = member
            UNION ALL
            SELECT 'answer', question_id, '{}', 0
            FROM course_questions
            WHERE user_id = member AND answer IS NOT NULL AND seen_at IS NULL
            UNION ALL
            SELECT 'warning', id, '{}', 0
            FROM user_warnings
            WHERE user_id = member AND seen_at IS NULL AND withdrawn_at IS NULL
                AND at > clock_timestamp() - interval '30 days'
            UNION ALL
            SELECT
                'cheer', (extract(epoch FROM max(at)) * 1000000)::bigint,
                jsonb_build_object('people', count(DISTINCT user_id)), 0
            FROM cheers
            WHERE celebrated_id = member AND seen_at IS NULL
            HAVING count(*) > 0
            UNION ALL
            SELECT 'back', 0, '{}', 0 WHERE is_away(member)
        ) AS waiting
    );
END
$$;

-- Note what was said to a member: those that are `done` wait no longer, the others have stood on one more answer.
CREATE FUNCTION note_said(member bigint, kinds text[], refs bigint[], done boolean[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE user_warnings AS warnings
    SET seen_at = clock_timestamp()
    FROM unnest(kinds, refs, done) AS said (kind, ref, is_done)
    WHERE said.kind = 'warning' AND is_done
        AND warnings.id = said.ref AND warnings.user_id = member AND warnings.seen_at IS NULL;

    UPDATE cheers
    SET seen_at = clock_timestamp()
    FROM unnest(kinds, refs, done) AS said (kind, ref, is_done)
    WHERE said.kind = 'cheer' AND is_done
        AND cheers.celebrated_id = member AND cheers.seen_at IS NULL
        AND (extract(epoch FROM cheers.at) * 1000000)::bigint <= said.ref;

    DELETE FROM for_you AS waiting
    USING unnest(kinds, refs, done) AS said (kind, ref, is_done)
    WHERE is_done AND waiting.user_id = member AND (waiting.kind, waiting.ref) = (said.kind, said.ref);

    UPDATE for_you AS waiting
    SET shown = waiting.shown + 1
    FROM unnest(kinds, refs, done) AS said (kind, ref, is_done)
    WHERE NOT is_done AND waiting.user_id = member AND (waiting.kind, waiting.ref) = (said.kind, said.ref);
END
$$;

-- An award is named by the beginning of its id, which is its moment: 60 bits, and two of one member never have the
-- same.
CREATE FUNCTION award_ref(award_id uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp
AS $$ SELECT ('x' || left(replace(award_id::text, '-', ''), 15))::bit(60)::bigint $$;

-- What no answer could be told any more: an award that stands, with the XP that it made. `total` is what the member had
-- with it, which says whether it reached a level.
CREATE FUNCTION tell_award_later(award_id uuid, total bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO for_you (user_id, kind, ref, details)
    SELECT
        awards.user_id, 'award', award_ref(awards.award_id),
        jsonb_build_object('xp', awards.xp + coalesce(of_day.xp, 0), 'total', tell_award_later.total)
    FROM pending_xp_awards AS awards
    LEFT JOIN day_awards AS of_day ON of_day.tick_id = awards.award_id AND of_day.reversed_at IS NULL
    WHERE awards.award_id = tell_award_later.award_id AND awards.status = 'awarded'
    ON CONFLICT (user_id, kind, ref) DO NOTHING;
END
$$;

GRANT EXECUTE ON FUNCTION award_ref(uuid), tell_award_later(uuid, bigint) TO app_award, app_outbox;
GRANT EXECUTE ON FUNCTION waiting_for(bigint), note_said(bigint, text[], bigint[], boolean[]) TO app_main, app_tensey;
GRANT SELECT ON for_you TO app_main;
GRANT SELECT (user_id, kind, ref), INSERT (user_id, kind, ref, details) ON for_you TO app_award, app_outbox;
