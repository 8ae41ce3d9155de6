"""A clock that stands still for a whole database: what is played on it looks the same on every day of the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from devkit.clock import DEFAULTS, PIN, PINNED_TO_US

if TYPE_CHECKING:
    from datetime import datetime

    from tests.conftest import Connection

# Each reading that may write is a millionth of a second later than the one before: what came first stays first.
MAKE: LiteralString = """
CREATE SCHEMA clock;
GRANT USAGE ON SCHEMA clock TO PUBLIC;
CREATE TABLE clock.stands (at timestamptz NOT NULL);
INSERT INTO clock.stands VALUES (now());
CREATE SEQUENCE clock.readings;
GRANT SELECT ON clock.stands TO PUBLIC;
GRANT ALL ON clock.readings TO PUBLIC;
CREATE FUNCTION clock.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
AS 'SELECT at + make_interval(secs => (SELECT last_value FROM clock.readings) / 1000000.0) FROM clock.stands';
CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS '
BEGIN
    IF current_setting(''transaction_read_only'') = ''off'' THEN
        PERFORM nextval(''clock.readings'');
    END IF;
    RETURN clock.statement_timestamp();
END';
CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT clock.statement_timestamp()';
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA clock TO PUBLIC;
"""

ROLES: LiteralString = """
DO $$
DECLARE
    role_ name;
BEGIN
    FOR role_ IN SELECT rolname FROM pg_roles WHERE rolname = 'mastermind_owner' OR starts_with(rolname, 'app_') LOOP
        EXECUTE format('ALTER ROLE %I SET search_path = clock, pg_catalog, public, pg_temp', role_);
    END LOOP;
END
$$
"""


def install(superuser: Connection) -> None:
    """Let everything in this database, and every role of ours, read the clock that stands still."""
    for statement in (MAKE, DEFAULTS.replace("{schema}", "clock"), ROLES, PIN.replace("{path}", PINNED_TO_US)):
        superuser.run_script(statement)


def set_to(superuser: Connection, at: datetime) -> None:
    superuser.execute("UPDATE clock.stands SET at = %s", [at])
