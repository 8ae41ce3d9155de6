-- Why: each Lambda function connects with a role of its own, so that a fault in one has access only to what that
-- function needs. See docs/rules/reach.md. Every right is granted by name; each migration grants what its tables need.
--
-- Lock order for everything that follows: users (ascending id), raid, awards, ledger, counters (faction totals,
-- factions; ascending key). Other rows are locked after the member they belong to.

DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- On RDS a role logs in with an IAM token, which takes membership in rds_iam: the migration runner grants that, after
-- it has applied the migrations. Elsewhere it logs in with a password, which is set outside of the migrations. Roles
-- belong to the whole cluster: a second database (a restore drill) finds them there.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['app_main', 'app_tensey', 'app_award', 'app_outbox'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role_name);
        END IF;
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role_name);
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role_name);
    END LOOP;
END
$$;

-- The first statement of each transaction that writes, and the last one before its COMMIT: what a client has sent and
-- no longer waits for must not be done later. Neither closing the socket nor a time-out prevents that if this server
-- stands still before it reads BEGIN, so the transaction names the moment, in seconds since 1970 by the clock of this
-- server.
--
-- After the first call PostgreSQL itself ends the session at that moment, whatever the transaction waits for; a later
-- call does not move it. The clock is named with its schema, because the search path can lead to another one in tests.
CREATE FUNCTION check_deadline(moment double precision) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    remaining CONSTANT double precision := moment - extract(epoch FROM pg_catalog.clock_timestamp());
BEGIN
    IF remaining <= 0 THEN
        RAISE EXCEPTION 'the deadline has passed' USING ERRCODE = 'MM408';
    END IF;
    PERFORM set_config('transaction_timeout', ceil(least(remaining, 86400) * 1000)::int::text, true);
END
$$;
GRANT EXECUTE ON FUNCTION check_deadline(double precision) TO app_main, app_tensey, app_award, app_outbox;

-- The times that a role may write. PostgreSQL has infinite timestamps, and years that our calendars cannot represent. A
-- row that waits for one of these waits for ever: an attacker who takes over a function could stop a part of the game
-- for good. So each such column has a type with bounds, from 1970 on. A past moment may be a minute ahead, because the
-- clock of a function is not that of the server; a day begins 14 hours before UTC where it begins first.
CREATE FUNCTION comes_within(moment timestamptz, ahead interval) RETURNS boolean
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN moment BETWEEN 'epoch' AND greatest(now(), clock_timestamp()) + ahead; -- a clock of tests may go back
END
$$;
GRANT EXECUTE ON FUNCTION comes_within(timestamptz, interval) TO app_main, app_tensey, app_award, app_outbox;

CREATE DOMAIN past_moment AS timestamptz CHECK (comes_within(value, '1 minute'));
CREATE DOMAIN near_moment AS timestamptz CHECK (comes_within(value, '1 day'));
CREATE DOMAIN month_moment AS timestamptz CHECK (comes_within(value, '31 days'));
CREATE DOMAIN past_day AS date CHECK (comes_within(value::timestamp AT TIME ZONE 'UTC', '14 hours 1 minute'));
CREATE DOMAIN month_day AS date CHECK (comes_within(value::timestamp AT TIME ZONE 'UTC', '31 days'));

-- Counters go up by one: a counter that somebody set to its largest value would be stuck there.
CREATE FUNCTION refuse_jump() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE check_violation USING MESSAGE = 'this goes up by one';
END
$$;

-- The session settings of each role. An interaction must be answered within 2.5 s; an award may take longer. A session
-- whose client has disconnected, because it gave up or was killed, ends at its next check of the connection and
-- releases its locks. The limits follow the size of the instance: together the roles get at most 70 % of
-- max_connections, the rest is for the owner, for operators and for the server itself.
--
-- PostgreSQL lets every role change its own settings permanently, and this cannot be revoked. So the migration runner
-- calls this after every run: the next deploy removes whatever an attacker has set through a role.
CREATE FUNCTION set_up_roles() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    most CONSTANT int := current_setting('max_connections')::int;
    app record;
BEGIN
    FOR app IN VALUES
        ('app_main', 25, '2s', '1500ms'), ('app_tensey', 25, '2s', '1500ms'),
        ('app_award', 10, '5s', '2s'), ('app_outbox', 10, '5s', '2s')
    LOOP
        EXECUTE format('ALTER ROLE %I CONNECTION LIMIT %s', app.column1, greatest(1, most * app.column2 / 100));
        EXECUTE format('ALTER ROLE %I RESET ALL', app.column1);
        EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET ALL', app.column1, current_database());
        EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', app.column1, app.column3);
        EXECUTE format('ALTER ROLE %I SET lock_timeout = %L', app.column1, app.column4);
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', app.column1, '5s');
        EXECUTE format('ALTER ROLE %I SET client_connection_check_interval = %L', app.column1, '100ms');
    END LOOP;
END
$$;
SELECT set_up_roles();

-- /health and the health check report which migrations the database has.
GRANT SELECT (number) ON schema_migrations TO app_main, app_award;
