-- Why: the ledger explains every XP a member has, and is only ever added to. All other figures follow from it: XP,
-- level, totals by period, exact ranks, a faction's XP. A ledger row and those figures change in one
-- transaction, by triggers, so no code can change one without the other (docs/rules/awards.md). Any page and any rank
-- of any board is read from a few rows at any size, because each board counts its listed members in a tree.
--
-- Lock order: totals are a member's own rows, behind the lock on the member. The counters come last: faction_totals,
-- factions, each in ascending key order. board_counts is not in the order, because nobody ever waits for its rows.
-- One statement locks its counters in order; two statements in one transaction would not. So a transaction books all
-- its ledger rows, of one member only, in one INSERT, and does not also first meet a member.

-- Every change of XP is one row: who, how much, what for, for which day, when. A correction is a new row.
-- (source, source_id, kind) makes a repeated booking impossible: an award once, its reversal once.
CREATE TABLE xp_ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    xp bigint NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (length(kind) <= 40),
    source text COLLATE "C" NOT NULL CHECK (length(source) <= 40),
    source_id text COLLATE "C" NOT NULL CHECK (length(source_id) <= 100),
    day month_day NOT NULL,
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

-- The lines of a board are most first, ties by id. This is where a line stands in that order, as a path of three steps
-- through a tree of 128 branches each: 1, then 7 bits each, and a higher one is further ahead. The first step is the
-- size of the total, four for each power of two. The other two are the bits of the total that follow, and when all of
-- these are used, the first of the 14 bits of the time at which the id was made, earliest first. So few members share
-- a leaf, whether totals are spread out or thousands of members have the same one.
CREATE FUNCTION board_leaf(total bigint, user_id bigint) RETURNS int
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    capped CONSTANT bigint := least(greatest(total, 1), 4294967295);
    power CONSTANT int := width_bucket(capped, '{
        1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288,
        1048576, 2097152, 4194304, 8388608, 16777216, 33554432, 67108864, 134217728, 268435456, 536870912, 1073741824,
        2147483648
    }'::bigint[]) - 1;
    spare CONSTANT int := greatest(power - 2, 0); -- bits of the total after the three that make its size
    size CONSTANT bigint := power * 4 + ((capped << 2 >> power) & 3);
    earlier CONSTANT bigint := 16383 - least(user_id >> 48, 16383);
BEGIN
    RETURN (1 << 21) | (size << 14) | (((capped & ((1::bigint << spare) - 1)) << 14 | earlier) >> spare);
END
$$;

-- A member's total in a period (see period_of), by the day of the ledger rows. A board is 'xp', 'tensey' or a stat.
-- `hidden` is a copy of is_unlisted(), kept by keep_totals_listed(). A member who is hidden or has nothing is not on
-- the board, and has leaf 0.
CREATE TABLE xp_totals (
    period text COLLATE "C" NOT NULL,
    board text COLLATE "C" NOT NULL,
    user_id bigint NOT NULL REFERENCES users,
    total bigint NOT NULL,
    hidden boolean NOT NULL DEFAULT false,
    leaf int NOT NULL GENERATED ALWAYS AS (
        CASE WHEN hidden OR total <= 0 THEN 0 ELSE board_leaf(total, user_id) END
    ) STORED,
    PRIMARY KEY (user_id, period, board)
);
-- A board in its order.
CREATE INDEX xp_totals_in_order ON xp_totals (period, board, leaf DESC, total DESC, user_id);

-- The private stats with their category, as the code ships them; the migration runner writes them.
CREATE TABLE private_stats (
    stat text COLLATE "C" PRIMARY KEY CHECK (length(stat) <= 40),
    category text COLLATE "C" NOT NULL CHECK (length(category) <= 40)
);

-- The private categories that a member shows to everybody all the same.
CREATE TABLE shown_categories (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    category text COLLATE "C" NOT NULL CHECK (length(category) <= 40),
    PRIMARY KEY (user_id, category)
);

-- Whether a member is invisible on that board: they hide as a whole, or they do not show that stat.
CREATE FUNCTION is_unlisted(user_id bigint, board text) RETURNS boolean
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT hidden OR EXISTS (
        SELECT
        FROM private_stats
        WHERE stat = is_unlisted.board AND NOT EXISTS (
            SELECT
            FROM shown_categories AS shown
            WHERE shown.user_id = is_unlisted.user_id AND shown.category = private_stats.category
        )
    )
    FROM users WHERE users.user_id = is_unlisted.user_id
$$;

-- How many listed members each branch of a board has, for the 128 branches of a node: those of the root (node 1), of
-- the nodes below it, and of the nodes whose branches are leaves. A node may have several rows, whose sums count: a
-- writer takes one that nobody has locked, or adds one, and so never waits for another writer. Most nodes have one, and
-- no node has more than there were writers at one moment.
CREATE TABLE board_counts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period text COLLATE "C" NOT NULL,
    board text COLLATE "C" NOT NULL,
    node int NOT NULL,
    members int[] NOT NULL
) WITH (fillfactor = 60);
CREATE INDEX board_counts_of_node ON board_counts (period, board, node);

-- Counts of a node, with some of its branches changed.
CREATE FUNCTION recounted(members int[], branches int[], changes int[]) RETURNS int[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    FOR nth IN 1..cardinality(branches) LOOP
        members[branches[nth]] := members[branches[nth]] + changes[nth];
    END LOOP;
    RETURN members;
END
$$;

-- All counters follow the totals, whatever writes these.
CREATE FUNCTION count_listed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$ -- planning takes longer than counting
DECLARE
    lost xp_totals[];
    gained xp_totals[];
    emptied bigint[];
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT array_agg(ROW(removed.*)::xp_totals) INTO lost FROM removed WHERE leaf > 0;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT array_agg(ROW(added.*)::xp_totals) INTO gained FROM added WHERE leaf > 0;
    END IF;
    IF lost IS NULL AND gained IS NULL THEN
        RETURN NULL;
    END IF;

    WITH moves AS (
        SELECT period, board, child >> 7 AS node, (child & 127) + 1 AS branch, sum(change)::int AS change
        FROM (
            SELECT period, board, leaf, -1 AS change FROM unnest(lost)
            UNION ALL
            SELECT period, board, leaf, 1 FROM unnest(gained)
        ) AS sides
        CROSS JOIN LATERAL (VALUES (leaf), (leaf >> 7), (leaf >> 14)) AS path (child)
        GROUP BY period, board, child
        HAVING sum(change) <> 0
    ), changed AS MATERIALIZED (
        SELECT
            period, board, node, array_agg(branch) AS branches, array_agg(change) AS changes,
            (
                SELECT id
                FROM board_counts AS counts
                WHERE counts.period = moves.period AND counts.board = moves.board AND counts.node = moves.node
                LIMIT 1
                FOR UPDATE SKIP LOCKED
            ) AS chosen
        FROM moves
        GROUP BY period, board, node
    ), begun AS (
        INSERT INTO board_counts (period, board, node, members)
        SELECT period, board, node, recounted(array_fill(0, ARRAY[128]), branches, changes)
        FROM changed
        WHERE chosen IS NULL
    ), counted AS (
        UPDATE board_counts
        SET members = recounted(members, branches, changes)
        FROM changed
        WHERE id = chosen
        RETURNING id, members
    )
    SELECT array_agg(id) INTO emptied FROM counted WHERE 0 = ALL (members);
    IF emptied IS NOT NULL THEN
        DELETE FROM board_counts WHERE id = ANY (emptied);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_new AFTER INSERT ON xp_totals
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_listed();
CREATE TRIGGER count_changed AFTER UPDATE ON xp_totals
REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_listed();
CREATE TRIGGER count_removed AFTER DELETE ON xp_totals
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_listed();

-- How many members a board lists.
CREATE FUNCTION members_listed(period text, board text) RETURNS bigint
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(sum((SELECT sum(branch) FROM unnest(members) AS branch)), 0)::bigint
    FROM board_counts AS counts
    WHERE counts.period = members_listed.period AND counts.board = members_listed.board AND node = 1
$$;

-- How many lines of a board are ahead of one with this total and this member: whole branches from the counters, and
-- the rest of one leaf along the index. With one XP more, and the highest id, it is how many have more than a total.
CREATE FUNCTION members_ahead(period text, board text, total bigint, user_id bigint) RETURNS bigint
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce((
        SELECT sum((SELECT sum(branch) FROM unnest(counts.members[(child & 127) + 2:]) AS branch))
        FROM (VALUES (of.leaf), (of.leaf >> 7), (of.leaf >> 14)) AS path (child)
        JOIN board_counts AS counts
            ON counts.period = members_ahead.period AND counts.board = members_ahead.board AND counts.node = child >> 7
    ), 0)::bigint + (
        SELECT count(*)
        FROM xp_totals AS rivals
        WHERE rivals.period = members_ahead.period AND rivals.board = members_ahead.board
            AND rivals.leaf = of.leaf
            AND (
                rivals.total > members_ahead.total
                OR (rivals.total = members_ahead.total AND rivals.user_id < members_ahead.user_id)
            )
    )
    FROM board_leaf(members_ahead.total, members_ahead.user_id) AS of (leaf)
$$;

-- The leaf of the line that so many others precede, and how many of these are in the same leaf. NULL beyond the end.
CREATE FUNCTION leaf_of_line(period text, board text, before bigint, OUT leaf int, OUT passed bigint)
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    leaf := 1;
    passed := before;
    FOR step IN 1..3 LOOP
        SELECT (leaf_of_line.leaf << 7) | (branch - 1), leaf_of_line.passed - ahead
        INTO leaf, passed
        FROM (
            SELECT branch, sum(amount) AS amount, sum(sum(amount)) OVER (ORDER BY branch DESC) - sum(amount) AS ahead
            FROM board_counts AS counts, unnest(members) WITH ORDINALITY AS branches (amount, branch)
            WHERE counts.period = leaf_of_line.period AND counts.board = leaf_of_line.board
                AND node = leaf_of_line.leaf
            GROUP BY branch
        ) AS branches
        WHERE ahead <= leaf_of_line.passed AND ahead + amount > leaf_of_line.passed;
    END LOOP;
END
$$;

-- The XP of a faction's members who do not hide, and how many of them earned more than 0: in all, and in each ISO week.
-- A hidden member's acts change nothing here, so nobody can infer them by comparing totals. In sixteen rows each, so
-- that bookings of one faction need not wait for each other; the sum of the rows is the total.
CREATE TABLE faction_totals (
    period text COLLATE "C" NOT NULL,
    faction text COLLATE "C" NOT NULL REFERENCES factions,
    part int NOT NULL CHECK (part BETWEEN 0 AND 15),
    xp bigint NOT NULL,
    active int NOT NULL,
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
LANGUAGE sql STABLE STRICT ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT period_of(reach, today), since,
        CASE reach WHEN 'week' THEN since + 6 WHEN 'month' THEN (since + interval '1 month')::date - 1 END
    FROM local_day(now(), zone) AS today
    CROSS JOIN LATERAL (
        SELECT CASE WHEN reach IN ('week', 'month') THEN date_trunc(reach, today::timestamp)::date END AS since
    ) AS beginning
$$;

-- A completed challenge counts one, its reversal takes the one back; nothing else counts.
CREATE FUNCTION tensey_change(source text, kind text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT CASE WHEN source <> 'tensey' THEN 0 WHEN kind = 'award' THEN 1 WHEN kind = 'reversal' THEN -1 ELSE 0 END
$$;

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

    WITH totals AS (
        INSERT INTO xp_totals AS kept (period, board, user_id, total, hidden)
        SELECT period, board, user_id, sum(change), is_unlisted(user_id, board)
        FROM booked
        CROSS JOIN LATERAL (
            VALUES ('all' COLLATE "C"), (period_of('week', day)), (period_of('month', day))
        ) AS periods (period)
        CROSS JOIN LATERAL (
            VALUES ('xp' COLLATE "C", booked.xp), ('tensey', tensey_change(source, kind)::bigint)
        ) AS boards (board, change)
        WHERE board = 'xp' OR change <> 0
        GROUP BY user_id, period, board
        ORDER BY user_id, period, board
        ON CONFLICT (user_id, period, board) DO UPDATE SET total = kept.total + EXCLUDED.total
        RETURNING WITH (OLD AS earlier) period, board, user_id, total - coalesce(earlier.total, 0) AS xp,
            (total > 0)::int - coalesce((earlier.total > 0)::int, 0) AS active
    )
    INSERT INTO faction_totals AS kept (period, faction, part, xp, active)
    SELECT period, faction, faction_part(user_id), sum(totals.xp), sum(active)
    FROM totals
    JOIN users USING (user_id)
    WHERE board = 'xp' AND (period = 'all' OR period LIKE '%-W%') AND faction IS NOT NULL AND NOT hidden
    GROUP BY 1, 2, 3
    HAVING sum(totals.xp) <> 0 OR sum(active) <> 0
    ORDER BY 1, 2, 3
    ON CONFLICT (period, faction, part) DO UPDATE
    SET xp = kept.xp + EXCLUDED.xp, active = kept.active + EXCLUDED.active;
    RETURN NULL;
END
$$;
CREATE TRIGGER book_ledger_rows AFTER INSERT ON xp_ledger
REFERENCING NEW TABLE AS booked FOR EACH STATEMENT EXECUTE FUNCTION book_ledger_rows();

-- A member who hides, as a whole or a category, leaves its boards in every period at once; one who shows it is back.
CREATE FUNCTION keep_totals_listed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE xp_totals
    SET hidden = NOT hidden
    WHERE user_id = coalesce(NEW.user_id, OLD.user_id) AND hidden <> is_unlisted(user_id, board);
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_totals_listed AFTER UPDATE OF hidden ON users
FOR EACH ROW WHEN (OLD.hidden <> NEW.hidden) EXECUTE FUNCTION keep_totals_listed();
CREATE TRIGGER keep_totals_listed AFTER INSERT OR DELETE ON shown_categories
FOR EACH ROW EXECUTE FUNCTION keep_totals_listed();

-- So do all members when a stat becomes private, or is no longer. Bookings wait meanwhile: they lock the same rows in
-- another order.
CREATE FUNCTION keep_stat_listed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    LOCK TABLE xp_totals IN SHARE ROW EXCLUSIVE MODE;
    UPDATE xp_totals
    SET hidden = NOT hidden
    WHERE board = coalesce(NEW.stat, OLD.stat) AND hidden <> is_unlisted(user_id, board);
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_stat_listed AFTER INSERT OR UPDATE OR DELETE ON private_stats
FOR EACH ROW EXECUTE FUNCTION keep_stat_listed();

-- The XP of a member who hides is subtracted from the totals of their faction, and added again when they show
-- themselves.
CREATE FUNCTION move_faction_totals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    sign CONSTANT int := CASE WHEN NEW.hidden THEN -1 ELSE 1 END;
BEGIN
    INSERT INTO faction_totals AS kept (period, faction, part, xp, active)
    SELECT period, NEW.faction, faction_part(user_id), sign * total, sign * (total > 0)::int
    FROM xp_totals
    WHERE user_id = NEW.user_id AND board = 'xp' AND (period = 'all' OR period LIKE '%-W%')
    ORDER BY 1, 2, 3
    ON CONFLICT (period, faction, part) DO UPDATE
    SET xp = kept.xp + EXCLUDED.xp, active = kept.active + EXCLUDED.active;
    UPDATE factions SET hidden = hidden - sign WHERE name = NEW.faction;
    RETURN NULL;
END
$$;
CREATE TRIGGER move_faction_totals AFTER UPDATE OF hidden ON users
FOR EACH ROW WHEN (OLD.hidden <> NEW.hidden AND NEW.faction IS NOT NULL) EXECUTE FUNCTION move_faction_totals();

-- Totals are deleted before their member, because of the foreign key. The totals of a period that is long over are
-- deleted too (013).
CREATE FUNCTION leave_faction_totals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO faction_totals AS kept (period, faction, part, xp, active)
    SELECT period, faction, faction_part(user_id), -sum(total), -sum((total > 0)::int)
    FROM removed JOIN users USING (user_id)
    WHERE board = 'xp' AND (period = 'all' OR period LIKE '%-W%') AND faction IS NOT NULL AND NOT removed.hidden
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (period, faction, part) DO UPDATE
    SET xp = kept.xp + EXCLUDED.xp, active = kept.active + EXCLUDED.active;
    RETURN NULL;
END
$$;
CREATE TRIGGER leave_faction_totals AFTER DELETE ON xp_totals
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION leave_faction_totals();

-- A member's figures that are not what their ledger says: their own, and those of each period that is kept. There is
-- none unless somebody changed the database by hand.
CREATE FUNCTION ledger_differences(user_id bigint)
RETURNS TABLE (figure text, period text, board text, kept bigint, booked bigint)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH bookings AS MATERIALIZED (
        SELECT day, boards.board, boards.change
        FROM xp_ledger AS ledger
        CROSS JOIN LATERAL (
            VALUES ('xp' COLLATE "C", ledger.xp), ('tensey', tensey_change(ledger.source, ledger.kind)::bigint)
        ) AS boards (board, change)
        WHERE ledger.user_id = ledger_differences.user_id
    ), own AS (
        SELECT 'xp' AS figure, '' AS period, 'xp' AS board, xp AS kept
        FROM users WHERE users.user_id = ledger_differences.user_id
        UNION ALL
        SELECT 'challenges', '', 'tensey', social_freedom_exercises_tenseys
        FROM users WHERE users.user_id = ledger_differences.user_id
        UNION ALL
        SELECT totals.board || ' of ' || totals.period, totals.period, totals.board, totals.total
        FROM xp_totals AS totals
        WHERE totals.user_id = ledger_differences.user_id AND totals.board IN ('xp', 'tensey')
    ), compared AS (
        SELECT own.*, (
            SELECT coalesce(sum(change), 0)::bigint
            FROM bookings
            WHERE bookings.board = own.board
                AND own.period IN ('', 'all', period_of('week', day), period_of('month', day))
        ) AS booked
        FROM own
    )
    SELECT figure, period, board, kept, booked FROM compared WHERE kept <> booked ORDER BY board, period
$$;

-- Set those figures to the ledger's values; returns what they were. It can only make figures right, so its callers can
-- do no harm. What follows from the totals follows by their triggers. The totals of factions stay: they count bookings,
-- which stay as well.
CREATE FUNCTION repair_figures(user_id bigint)
RETURNS TABLE (figure text, kept bigint, booked bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found record;
BEGIN
    PERFORM FROM users WHERE users.user_id = repair_figures.user_id FOR NO KEY UPDATE;
    FOR found IN SELECT * FROM ledger_differences(repair_figures.user_id) LOOP
        IF found.figure = 'xp' THEN
            UPDATE users SET xp = found.booked WHERE users.user_id = repair_figures.user_id;
        ELSIF found.figure = 'challenges' THEN
            UPDATE users SET social_freedom_exercises_tenseys = found.booked
            WHERE users.user_id = repair_figures.user_id;
        ELSE
            UPDATE xp_totals AS totals SET total = found.booked
            WHERE totals.user_id = repair_figures.user_id
                AND totals.period = found.period AND totals.board = found.board;
        END IF;
        figure := found.figure;
        kept := found.kept;
        booked := found.booked;
        RETURN NEXT;
    END LOOP;
END
$$;

GRANT SELECT ON xp_totals, private_stats, board_counts, faction_totals TO app_main;
GRANT EXECUTE ON FUNCTION ledger_differences(bigint), repair_figures(bigint) TO app_main;
GRANT SELECT, INSERT, DELETE ON shown_categories TO app_main;
GRANT SELECT ON xp_totals, private_stats, shown_categories, board_counts TO app_tensey;
GRANT SELECT, INSERT (user_id, xp, kind, source, source_id, day, details) ON xp_ledger TO app_main;
GRANT SELECT, INSERT (user_id, xp, kind, source, source_id, day, details) ON xp_ledger TO app_award;
GRANT EXECUTE ON FUNCTION period_of(text, date), period_now(text, text), is_unlisted(bigint, text),
board_leaf(bigint, bigint), members_listed(text, text), members_ahead(text, text, bigint, bigint),
leaf_of_line(text, text, bigint) TO app_main, app_tensey;
