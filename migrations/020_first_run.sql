-- Why: a newcomer is led through three steps and, in their first week, reads once what is new to them. Both need to know
-- what has been (docs/rules/first-run.md).
--
-- Lock order: a row belongs to a member and is written behind the lock on that member.

-- How far the first run of a member has come; no row: they have not begun.
CREATE TABLE first_runs (
    user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    step int NOT NULL DEFAULT 1 CHECK (step BETWEEN 1 AND 4), -- the one that comes next; 4: they are through
    declined boolean NOT NULL DEFAULT false,
    offers int NOT NULL DEFAULT 0 CHECK (offers BETWEEN 0 AND 3), -- how often it was offered again in the middle
    knows_clock boolean NOT NULL DEFAULT false -- whether they were asked for their time zone, and answered
);

-- What was explained to a member, each once.
CREATE TABLE explained (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    matter text COLLATE "C" NOT NULL CHECK (length(matter) BETWEEN 1 AND 20), -- the code knows which there are
    day date NOT NULL, -- the member's, on which it was
    PRIMARY KEY (user_id, matter)
);

GRANT SELECT, INSERT (user_id, step, declined, knows_clock), UPDATE (step, declined, offers, knows_clock)
ON first_runs TO app_main;
GRANT SELECT, INSERT (user_id, step, declined), UPDATE (step, declined, offers) ON first_runs TO app_tensey;
GRANT SELECT, INSERT (user_id, matter, day) ON explained TO app_main;
