-- Why: the ledger explains every XP a member has, and is only ever added to. All other figures follow from it: XP,
-- level, totals by period, exact ranks, what a faction gathered. A ledger row and those figures change in one
-- transaction, by triggers, so no code can change one without the other (docs/rules/awards.md). Boards of a week and a
-- month are as exact and as quick as those of all time, at any size: each period counts its listed members in buckets,
-- and any page is read along one index.
--
-- Lock order: totals are a member's own rows, behind the lock on the member. The counters come last: rank_buckets,
-- period_buckets, faction_totals, factions, each in ascending key order. One statement locks its counters in order;
-- two statements in one transaction would not. So a transaction books all its ledger rows, of one member only, in one
-- INSERT, and does not also hide, show or first meet a member.

-- Every change of XP is one row: who, how much, what for, for which day, when. A correction is a new row.
-- (source, source_id, kind) makes a repeated booking impossible: an award once, its reversal once.
CREATE TABLE xp_ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    xp bigint NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (length(kind) <= 40),
    source text COLLATE "C" NOT NULL CHECK (length(source) <= 40),
    source_id text COLLATE "C" NOT NULL CHECK (length(source_id) <= 100),
    day date NOT NULL,
    details jsonb NOT NULL DEFAULT '{}'
        CHECK (jsonb_typeof(details) = 'object' AND pg_column_size(details) <= 20000),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (source, source_id, kind)
);
CREATE INDEX xp_ledger_of_member ON xp_ledger (user_id, id DESC);

-- Which role may book what: main what members log, the course and an admin's corrections, four times the XP of the
-- highest level at most; award the rewards of raids, and awards of challenges (004).
ALTER TABLE xp_ledger ENABLE ROW LEVEL SECURITY;
CREATE POLICY both_read ON xp_ledger FOR SELECT TO app_main, app_award USING (true);
CREATE POLICY main_books ON xp_ledger FOR INSERT TO app_main
WITH CHECK (source IN ('admin', 'course', 'stats') AND abs(xp) <= 1000000);
CREATE POLICY award_rewards ON xp_ledger FOR INSERT TO app_award
WITH CHECK (source = 'raid' AND kind IN ('reward', 'top') AND xp = 250);
CREATE POLICY award_raises ON xp_ledger FOR INSERT TO app_award
WITH CHECK (source = 'stats' AND kind = 'outage' AND xp BETWEEN 1 AND 1000000);

-- A member's total in a period (see period_of), by the day of the ledger rows. A board is 'xp', 'tensey' or a stat.
-- `hidden` is a copy of users.hidden, kept by keep_totals_listed().
CREATE TABLE xp_totals (
    period text COLLATE "C" NOT NULL,
    board text COLLATE "C" NOT NULL,
    user_id bigint NOT NULL REFERENCES users,
    total bigint NOT NULL,
    hidden boolean NOT NULL DEFAULT false,
    PRIMARY KEY (period, board, user_id)
);
CREATE INDEX xp_totals_of_member ON xp_totals (user_id);
-- A board in its order: most first, ties by id. A member who is hidden or has nothing is not in it.
CREATE INDEX xp_totals_listed ON xp_totals (period, board, total DESC, user_id) WHERE NOT hidden AND total > 0;

-- How many visible members are in each bucket of a board of all time: an exact rank without reading every member. On
-- the board "xp" a bucket is 100 XP wide, on the board "tensey" it is one completed challenge.
CREATE TABLE rank_buckets (
    board text COLLATE "C" NOT NULL CHECK (board IN ('tensey', 'xp')),
    bucket bigint NOT NULL,
    members bigint NOT NULL,
    PRIMARY KEY (board, bucket)
);

-- The same for a week or a month, where only members with more than nothing are counted.
CREATE TABLE period_buckets (
    period text COLLATE "C" NOT NULL,
    board text COLLATE "C" NOT NULL CHECK (board IN ('tensey', 'xp')),
    bucket bigint NOT NULL,
    members bigint NOT NULL,
    PRIMARY KEY (period, board, bucket)
);

-- The buckets of every period in one place. Bucket 0 of all time also has members with nothing, so it is left out.
CREATE VIEW board_buckets WITH (security_invoker = true) AS
SELECT 'all' AS period, board, bucket, members FROM rank_buckets WHERE bucket > 0
UNION ALL
SELECT period, board, bucket, members FROM period_buckets;

-- What the members of a faction gathered, hidden ones too: in all, and in each ISO week. In sixteen rows each, so that
-- bookings of one faction need not wait for each other; the sum of the rows is the total.
CREATE TABLE faction_totals (
    period text COLLATE "C" NOT NULL,
    faction text COLLATE "C" NOT NULL REFERENCES factions,
    part int NOT NULL CHECK (part BETWEEN 0 AND 15),
    xp bigint NOT NULL,
    PRIMARY KEY (period, faction, part)
);

-- A Discord id begins with the time it was made; its lower 22 bits are the same for most.
CREATE FUNCTION faction_part(user_id bigint) RETURNS int
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$ SELECT ((user_id >> 22) & 15)::int $$;

-- The name of a period in xp_totals, for a day in it: 'all', an ISO week like '2026-W07', a month like '2026-02'.
CREATE FUNCTION period_of(reach text, day date) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT CASE reach
        WHEN 'week' THEN to_char(day, 'IYYY-"W"IW') WHEN 'month' THEN to_char(day, 'YYYY-MM') ELSE 'all'
    END
$$;

-- The current week or month in the zone of the deployment, with its first and last day; all time has neither.
CREATE FUNCTION period_now(reach text, zone text) RETURNS TABLE (period text, first_day date, last_day date)
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT period_of(reach, today), since,
        CASE reach WHEN 'week' THEN since + 6 WHEN 'month' THEN (since + interval '1 month')::date - 1 END
    FROM local_day(now(), zone) AS today
    CROSS JOIN LATERAL (
        SELECT CASE WHEN reach IN ('week', 'month') THEN date_trunc(reach, today::timestamp)::date END AS since
    ) AS beginning
$$;

-- How wide the buckets of a board are. A stat has one bucket, which is not stored: ranks are counted along the index,
-- and no submission waits for another at a counter.
CREATE FUNCTION bucket_width(board text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$ SELECT CASE board WHEN 'xp' THEN 100 WHEN 'tensey' THEN 1 ELSE 9223372036854775807 END $$;

-- A completed challenge counts one, its reversal takes the one back; nothing else counts.
CREATE FUNCTION tensey_change(source text, kind text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$ SELECT CASE WHEN source <> 'tensey' THEN 0 WHEN kind = 'award' THEN 1 WHEN kind = 'reversal' THEN -1 ELSE 0 END $$;

-- All that follows from new ledger rows. Once per statement, not per row, so that a booking of many rows changes each
-- figure once and takes its locks in order.
CREATE FUNCTION book_ledger_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM users WHERE user_id IN (SELECT user_id FROM booked) ORDER BY user_id FOR NO KEY UPDATE;

    UPDATE users
    SET xp = users.xp + change.xp,
        social_freedom_exercises_tenseys = social_freedom_exercises_tenseys + change.tenseys,
        updated_at = clock_timestamp()
    FROM (
        SELECT user_id, sum(xp) AS xp, sum(tensey_change(source, kind)) AS tenseys FROM booked GROUP BY user_id
    ) AS change
    WHERE users.user_id = change.user_id;

    WITH moved AS (
        INSERT INTO xp_totals AS kept (period, board, user_id, total, hidden)
        SELECT period, board, user_id, sum(change), hidden
        FROM booked
        JOIN users USING (user_id)
        CROSS JOIN LATERAL (
            VALUES ('all' COLLATE "C"), (period_of('week', day)), (period_of('month', day))
        ) AS periods (period)
        CROSS JOIN LATERAL (
            VALUES ('xp' COLLATE "C", booked.xp), ('tensey', tensey_change(source, kind)::bigint)
        ) AS boards (board, change)
        WHERE board = 'xp' OR change <> 0
        GROUP BY period, board, user_id, hidden
        ORDER BY period, board, user_id
        ON CONFLICT (period, board, user_id) DO UPDATE SET total = kept.total + EXCLUDED.total
        RETURNING WITH (OLD AS was, NEW AS became)
            became.period, became.board, became.hidden, coalesce(was.total, 0) AS before, became.total AS after
    )
    INSERT INTO period_buckets AS kept (period, board, bucket, members)
    SELECT period, board, total / bucket_width(board), sum(change)
    FROM moved
    CROSS JOIN LATERAL (VALUES (before, -1), (after, 1)) AS sides (total, change)
    WHERE period <> 'all' AND NOT hidden AND total > 0
    GROUP BY 1, 2, 3
    HAVING sum(change) <> 0
    ORDER BY 1, 2, 3
    ON CONFLICT (period, board, bucket) DO UPDATE SET members = kept.members + EXCLUDED.members;

    INSERT INTO faction_totals AS kept (period, faction, part, xp)
    SELECT period, faction, faction_part(user_id), sum(booked.xp)
    FROM booked
    JOIN users USING (user_id)
    CROSS JOIN LATERAL (VALUES ('all' COLLATE "C"), (period_of('week', day))) AS periods (period)
    WHERE faction IS NOT NULL
    GROUP BY 1, 2, 3
    HAVING sum(booked.xp) <> 0
    ORDER BY 1, 2, 3
    ON CONFLICT (period, faction, part) DO UPDATE SET xp = kept.xp + EXCLUDED.xp;
    RETURN NULL;
END
$$;
CREATE TRIGGER book_ledger_rows AFTER INSERT ON xp_ledger
REFERENCING NEW TABLE AS booked FOR EACH STATEMENT EXECUTE FUNCTION book_ledger_rows();

-- One row of users can change two buckets on each board; they are locked in ascending key order. Triggers of one event
-- fire in the order of their names: keep_rank_buckets, keep_totals_listed, place_in_faction, as the lock order needs.
CREATE FUNCTION keep_rank_buckets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO rank_buckets AS kept (board, bucket, members)
    SELECT board, bucket, sum(change)
    FROM (
        SELECT 'xp' COLLATE "C" AS board, greatest(OLD.xp, 0) / 100 AS bucket, -1 AS change WHERE NOT OLD.hidden
        UNION ALL
        SELECT 'tensey', OLD.social_freedom_exercises_tenseys, -1 WHERE NOT OLD.hidden
        UNION ALL
        SELECT 'xp', greatest(NEW.xp, 0) / 100, 1 WHERE NOT NEW.hidden
        UNION ALL
        SELECT 'tensey', NEW.social_freedom_exercises_tenseys, 1 WHERE NOT NEW.hidden
    ) AS moves
    GROUP BY board, bucket
    HAVING sum(change) <> 0
    ORDER BY board, bucket
    ON CONFLICT (board, bucket) DO UPDATE SET members = kept.members + EXCLUDED.members;
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_rank_buckets
AFTER INSERT OR DELETE OR UPDATE OF xp, social_freedom_exercises_tenseys, hidden ON users
FOR EACH ROW EXECUTE FUNCTION keep_rank_buckets();

-- A member who hides leaves the board of every period at once; one who shows themselves is back on each.
CREATE FUNCTION keep_totals_listed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    WITH shown AS (
        UPDATE xp_totals SET hidden = NEW.hidden WHERE user_id = NEW.user_id AND hidden <> NEW.hidden
        RETURNING period, board, total
    )
    INSERT INTO period_buckets AS kept (period, board, bucket, members)
    SELECT period, board, total / bucket_width(board), CASE WHEN NEW.hidden THEN -1 ELSE 1 END
    FROM shown
    WHERE period <> 'all' AND board IN ('tensey', 'xp') AND total > 0
    ORDER BY 1, 2, 3
    ON CONFLICT (period, board, bucket) DO UPDATE SET members = kept.members + EXCLUDED.members;
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_totals_listed AFTER UPDATE OF hidden ON users
FOR EACH ROW WHEN (OLD.hidden <> NEW.hidden) EXECUTE FUNCTION keep_totals_listed();

-- Totals are deleted before their member, because of the foreign key. Hiding the member first changes rank_buckets now:
-- deleting the row of users would change them after the counters that follow them in the lock order. The totals of a
-- period that is long over are deleted too (013); their member stays, and only their total of all time says otherwise.
CREATE FUNCTION remove_totals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE users SET hidden = true
    WHERE NOT hidden AND user_id IN (SELECT user_id FROM removed WHERE period = 'all');

    INSERT INTO period_buckets AS kept (period, board, bucket, members)
    SELECT period, board, total / bucket_width(board), -count(*)
    FROM removed
    WHERE period <> 'all' AND board IN ('tensey', 'xp') AND NOT hidden AND total > 0
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (period, board, bucket) DO UPDATE SET members = kept.members + EXCLUDED.members;

    INSERT INTO faction_totals AS kept (period, faction, part, xp)
    SELECT period, faction, faction_part(user_id), -sum(total)
    FROM removed JOIN users USING (user_id)
    WHERE board = 'xp' AND (period = 'all' OR period LIKE '%-W%') AND faction IS NOT NULL
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (period, faction, part) DO UPDATE SET xp = kept.xp + EXCLUDED.xp;
    RETURN NULL;
END
$$;
CREATE TRIGGER remove_totals AFTER DELETE ON xp_totals
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION remove_totals();

GRANT SELECT ON rank_buckets, xp_totals, period_buckets, board_buckets, faction_totals TO app_main;
GRANT SELECT ON rank_buckets, xp_totals, period_buckets, board_buckets TO app_tensey;
GRANT SELECT, INSERT (user_id, xp, kind, source, source_id, day, details) ON xp_ledger TO app_main;
GRANT SELECT, INSERT (user_id, xp, kind, source, source_id, day, details) ON xp_ledger TO app_award;
GRANT EXECUTE ON FUNCTION bucket_width(text), period_of(text, date), period_now(text, text) TO app_main, app_tensey;
