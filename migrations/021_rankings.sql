-- Why: the board of this week or month must be as exact and as quick as that of all time, at any size. So each member's
-- total knows whether it is listed, each period counts its listed members in buckets as all time does, and any page is
-- a walk along one index. Every stat that members log has such totals too. What a faction has gathered is kept as well,
-- so that nobody adds up a million members to tell it. All of it moves by triggers in the transaction of the ledger
-- row, of the records, of hiding or of showing.
--
-- Lock order: the totals are a member's own rows, behind the lock on the member. The counters come last: rank_buckets,
-- period_buckets, faction_totals, factions, each in ascending key order.

-- What is logged, booked or hidden while the rows below are filled in would be missed. In the order in which a
-- submission takes them: one that has begun is waited for, the next one finds the new functions.
LOCK TABLE daily_records, xp_ledger, users IN SHARE ROW EXCLUSIVE MODE;

-- The same as users.hidden, kept by keep_totals_listed(). A board is 'xp', 'tensey' or a stat.
ALTER TABLE xp_totals
ADD COLUMN hidden boolean NOT NULL DEFAULT false,
DROP CONSTRAINT xp_totals_board_check;
UPDATE xp_totals SET hidden = true FROM users WHERE users.user_id = xp_totals.user_id AND users.hidden;

-- A board in its order: most first, equals by their id. Who is hidden or has nothing stands in no entry of it. It takes
-- the place of users_listed_by_tenseys (016), which the previous release still reads, and of an index that nobody does.
CREATE INDEX xp_totals_listed ON xp_totals (period, board, total DESC, user_id) WHERE NOT hidden AND total > 0;
DROP INDEX xp_totals_ranking;

-- What a period is called in xp_totals, for the day in it: 'all', an ISO week like '2026-W07', a month like '2026-02'.
CREATE FUNCTION period_of(reach text, day date) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT CASE reach
        WHEN 'week' THEN to_char(day, 'IYYY-"W"IW') WHEN 'month' THEN to_char(day, 'YYYY-MM') ELSE 'all'
    END
$$;

-- The week or the month that it is now where the deployment stands, with its first and last day; all time has neither.
CREATE FUNCTION period_now(reach text, zone text) RETURNS TABLE (period text, first_day date, last_day date)
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT period_of(reach, today), since,
        CASE reach WHEN 'week' THEN since + 6 WHEN 'month' THEN (since + interval '1 month')::date - 1 END
    FROM local_day(now(), zone) AS today
    CROSS JOIN LATERAL (
        SELECT CASE WHEN reach IN ('week', 'month') THEN date_trunc(reach, today::timestamp)::date END AS since
    ) AS beginning
$$;

-- How wide the buckets of a board are: 100 XP, or one challenge. All of a stat is one bucket, which is not kept:
-- whoever asks counts along the index, and no submission waits for another at a counter.
CREATE FUNCTION bucket_width(board text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$ SELECT CASE board WHEN 'xp' THEN 100 WHEN 'tensey' THEN 1 ELSE 9223372036854775807 END $$;

-- How many listed members each bucket of a week or a month has. A table of its own beside rank_buckets, where the
-- previous release would add them to those of all time.
CREATE TABLE period_buckets (
    period text NOT NULL,
    board text NOT NULL CHECK (board IN ('tensey', 'xp')),
    bucket bigint NOT NULL,
    members bigint NOT NULL,
    PRIMARY KEY (period, board, bucket)
);
INSERT INTO period_buckets (period, board, bucket, members)
SELECT period, board, total / bucket_width(board), count(*)
FROM xp_totals
WHERE period <> 'all' AND NOT hidden AND total > 0
GROUP BY 1, 2, 3;

-- The buckets of every period in one place. Bucket 0 of all time holds members without anything, too, and so is none.
CREATE VIEW board_buckets WITH (security_invoker = true) AS
SELECT 'all' AS period, board, bucket, members FROM rank_buckets WHERE bucket > 0
UNION ALL
SELECT period, board, bucket, members FROM period_buckets;

-- What the members of a faction gathered, hidden ones too: in all, and in each ISO week. In sixteen rows each, so that
-- the bookings of a faction need not wait for one another; the sum of the rows is the total.
CREATE TABLE faction_totals (
    period text NOT NULL,
    faction text NOT NULL REFERENCES factions,
    part int NOT NULL CHECK (part BETWEEN 0 AND 15),
    xp bigint NOT NULL,
    PRIMARY KEY (period, faction, part)
);
-- Of a Discord id the time of its making, without the bits that are the same for most.
CREATE FUNCTION faction_part(user_id bigint) RETURNS int
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$ SELECT ((user_id >> 22) & 15)::int $$;
INSERT INTO faction_totals (period, faction, part, xp)
SELECT period, faction, faction_part(user_id), sum(total)
FROM xp_totals JOIN users USING (user_id)
WHERE board = 'xp' AND (period = 'all' OR period LIKE '%-W%') AND faction IS NOT NULL
GROUP BY 1, 2, 3;

-- As in 001, and with what follows for the buckets of the periods and for the factions.
CREATE OR REPLACE FUNCTION book_ledger_rows() RETURNS trigger
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
            VALUES ('all'), (period_of('week', day)), (period_of('month', day))
        ) AS periods (period)
        CROSS JOIN LATERAL (
            VALUES ('xp', booked.xp), ('tensey', tensey_change(source, kind)::bigint)
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
    CROSS JOIN LATERAL (VALUES ('all'), (period_of('week', day))) AS periods (period)
    WHERE faction IS NOT NULL
    GROUP BY 1, 2, 3
    HAVING sum(booked.xp) <> 0
    ORDER BY 1, 2, 3
    ON CONFLICT (period, faction, part) DO UPDATE SET xp = kept.xp + EXCLUDED.xp;
    RETURN NULL;
END
$$;

-- Who hides leaves the board of every period at once, and who shows is back on each. Fires after keep_rank_buckets, by
-- its name.
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

-- Totals go when their member is forgotten, and before the member, by the foreign key. Hiding the member moves
-- rank_buckets now: with the row of users they would be moved after the counters that follow them in the order.
CREATE FUNCTION leave_totals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE users SET hidden = true WHERE NOT hidden AND user_id IN (SELECT user_id FROM gone);

    INSERT INTO period_buckets AS kept (period, board, bucket, members)
    SELECT period, board, total / bucket_width(board), -count(*)
    FROM gone
    WHERE period <> 'all' AND board IN ('tensey', 'xp') AND NOT hidden AND total > 0
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (period, board, bucket) DO UPDATE SET members = kept.members + EXCLUDED.members;

    INSERT INTO faction_totals AS kept (period, faction, part, xp)
    SELECT period, faction, faction_part(user_id), -sum(total)
    FROM gone JOIN users USING (user_id)
    WHERE board = 'xp' AND (period = 'all' OR period LIKE '%-W%') AND faction IS NOT NULL
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (period, faction, part) DO UPDATE SET xp = kept.xp + EXCLUDED.xp;
    RETURN NULL;
END
$$;
CREATE TRIGGER leave_totals AFTER DELETE ON xp_totals
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION leave_totals();

-- What a member logged of each stat in each period. While a member is being deleted, nothing of theirs is moved any
-- more.
CREATE FUNCTION keep_stat_totals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO xp_totals AS kept (period, board, user_id, total, hidden)
        SELECT period, stat, user_id, sum(count), hidden
        FROM come
        JOIN users USING (user_id)
        CROSS JOIN LATERAL (
            VALUES ('all'), (period_of('week', day)), (period_of('month', day))
        ) AS periods (period)
        GROUP BY period, stat, user_id, hidden
        ORDER BY period, stat, user_id
        ON CONFLICT (period, board, user_id) DO UPDATE SET total = kept.total + EXCLUDED.total;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        UPDATE xp_totals AS kept
        SET total = kept.total - change.total
        FROM (
            SELECT period, stat, user_id, sum(count) AS total
            FROM gone
            CROSS JOIN LATERAL (
                VALUES ('all'), (period_of('week', day)), (period_of('month', day))
            ) AS periods (period)
            GROUP BY period, stat, user_id
        ) AS change
        WHERE kept.period = change.period AND kept.board = change.stat AND kept.user_id = change.user_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_totals_of_new_records AFTER INSERT ON daily_records
REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION keep_stat_totals();
CREATE TRIGGER keep_totals_of_changed_records AFTER UPDATE ON daily_records
REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION keep_stat_totals();
CREATE TRIGGER keep_totals_of_gone_records AFTER DELETE ON daily_records
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION keep_stat_totals();

INSERT INTO xp_totals (period, board, user_id, total, hidden)
SELECT period, stat, user_id, sum(count), hidden
FROM daily_records
JOIN users USING (user_id)
CROSS JOIN LATERAL (VALUES ('all'), (period_of('week', day)), (period_of('month', day))) AS periods (period)
GROUP BY period, stat, user_id, hidden;

GRANT SELECT ON period_buckets, board_buckets, faction_totals TO app_main;
GRANT SELECT ON period_buckets, board_buckets TO app_tensey;
GRANT EXECUTE ON FUNCTION bucket_width(text), period_of(text, date), period_now(text, text) TO app_main, app_tensey;
