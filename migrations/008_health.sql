-- Why: the health check keeps its state outside the database, which cannot record that it is down. When an outage is
-- over it is recorded here, so that no streak breaks over a day on which the game was down. The last report of the
-- check is kept for /health and /security health. Each check writes, because a read-only database answers questions.

-- One row per outage, from the first bad check to the second good one in a row. The time it began is its key: the check
-- reports an outage again until it is sure that it is recorded.
CREATE TABLE outages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    began timestamptz NOT NULL UNIQUE,
    ended timestamptz NOT NULL,
    probes text[] NOT NULL CHECK (pg_column_size(probes) <= 2000),
    CHECK (ended > began)
);
-- To find the outages of a day.
CREATE INDEX outages_by_end ON outages (ended);

-- One row: the last report.
CREATE TABLE health_reports (
    last boolean PRIMARY KEY DEFAULT true CHECK (last),
    at timestamptz NOT NULL,
    healthy boolean NOT NULL,
    report jsonb NOT NULL CHECK (jsonb_typeof(report) = 'object' AND length(report::text) < 10000)
);

-- One row: when the database was last asked how it is, and could be written.
CREATE TABLE health_probes (
    last boolean PRIMARY KEY DEFAULT true CHECK (last),
    at timestamptz NOT NULL
);

GRANT SELECT ON outages, health_reports TO app_main, app_award;
GRANT INSERT (began, ended, probes) ON outages TO app_award;
GRANT SELECT (last, at), INSERT (at), UPDATE (at) ON health_probes TO app_award; -- SELECT: to find the row in the way
GRANT INSERT (at, healthy, report), UPDATE (at, healthy, report) ON health_reports TO app_award;
