-- Why: a member who has done 10, 50, 100, 200 or all 303 challenges is celebrated in the server, once and never again,
-- however often awards are repeated, undone and made anew. The row is written in the transaction of the award that
-- reaches the milestone, and its key makes a second one impossible; the queue Notices is told afterwards. What could not
-- be sent stays due, and the minute's sweep sends it.
--
-- Lock order: a row is made behind the lock on its member, as the last of its transaction; whoever sends one locks
-- nothing else.
CREATE TABLE milestones (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    challenges int NOT NULL CHECK (challenges > 0),
    -- due: to be announced; sent: the queue has it; silent: nobody wanted to hear of it
    status text NOT NULL DEFAULT 'due' CHECK (status IN ('due', 'sent', 'silent')),
    reached_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    resolved_at timestamptz,
    PRIMARY KEY (user_id, challenges),
    CHECK ((status = 'due') = (resolved_at IS NULL))
);
-- The way to what is still to be sent; nearly always empty.
CREATE INDEX milestones_due ON milestones (reached_at) WHERE status = 'due';

-- What members have reached before there were announcements is known, and stays in silence.
INSERT INTO milestones (user_id, challenges, status, resolved_at)
SELECT user_id, challenges, 'silent', clock_timestamp()
FROM users
CROSS JOIN unnest(ARRAY[10, 50, 100, 200, 303]) AS reached (challenges)
WHERE social_freedom_exercises_tenseys >= challenges;

GRANT SELECT, INSERT (user_id, challenges), UPDATE (status, resolved_at) ON milestones TO app_award;
-- Who is hidden is not announced, nor who wants no announcements: settings ->> 'announcements' = 'off'.
GRANT SELECT (settings) ON users TO app_award;
