-- Why: the health check stands outside of the database, because nobody can record their own absence. When an outage is
-- over it is written down here, so that nobody's streak breaks over a day on which the game was away; and the last
-- report of the check is kept for those who ask the game itself how it is.

-- One row per outage, from the first bad check to the second good one in a row. Its beginning is its key: the check tells
-- an outage again until it is sure that it is recorded.
CREATE TABLE outages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    began timestamptz NOT NULL UNIQUE,
    ended timestamptz NOT NULL,
    probes text[] NOT NULL,
    CHECK (ended > began)
);
-- Which outages touch a day.
CREATE INDEX outages_by_end ON outages (ended);

-- The last report and no other.
CREATE TABLE health_reports (
    last boolean PRIMARY KEY DEFAULT true CHECK (last),
    at timestamptz NOT NULL,
    healthy boolean NOT NULL,
    report jsonb NOT NULL CHECK (jsonb_typeof(report) = 'object' AND length(report::text) < 10000)
);

GRANT SELECT ON outages, health_reports TO app_main, app_award;
GRANT INSERT (began, ended, probes) ON outages TO app_award;
GRANT INSERT (at, healthy, report), UPDATE (at, healthy, report) ON health_reports TO app_award;
