"""A clock that can be moved, for the statements of our actions: the database's own cannot be.

A function of a schema that comes before `pg_catalog` in the search path of a connection takes the place of the built-in
one in its statements; and in the functions and triggers of the database too, while their pinned path begins with it.
A default of a column is bound to its function when it is made, so no path reaches it: `DEFAULTS` binds it to another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.postgres.connection import Connection

SEARCH_PATH = "-c search_path=clock,pg_catalog,public,pg_temp"

MAKE: LiteralString = """
CREATE SCHEMA clock;
GRANT USAGE ON SCHEMA clock TO PUBLIC;
CREATE TABLE clock.shift (by interval NOT NULL);
GRANT SELECT ON clock.shift TO PUBLIC;
INSERT INTO clock.shift VALUES ('0');
CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
AS 'SELECT pg_catalog.clock_timestamp() + by FROM clock.shift';
CREATE FUNCTION clock.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
AS 'SELECT pg_catalog.statement_timestamp() + by FROM clock.shift';
GRANT EXECUTE ON FUNCTION clock.clock_timestamp(), clock.statement_timestamp() TO PUBLIC;
"""

UNMAKE: LiteralString = "DROP SCHEMA IF EXISTS clock CASCADE"

PIN: LiteralString = """
DO $$
DECLARE
    pinned regprocedure;
BEGIN
    FOR pinned IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proconfig IS NOT NULL LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = {path}', pinned);
    END LOOP;
END
$$
"""

DEFAULTS: LiteralString = """
DO $$
DECLARE
    column_ record;
BEGIN
    FOR column_ IN
        SELECT adrelid::regclass AS of_table, attname FROM pg_attrdef
        JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
        WHERE pg_get_expr(adbin, adrelid) ~ '^([a-z_]+[.])?clock_timestamp[(][)]$'
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER %I SET DEFAULT {schema}.clock_timestamp()', column_.of_table, column_.attname
        );
    END LOOP;
END
$$
"""

PINNED, PINNED_TO_US = "pg_catalog, public, pg_temp", "clock, pg_catalog, public, pg_temp"


class Clock:
    """What time it is for every connection with SEARCH_PATH; `look` is the owner's."""

    def __init__(self, look: Connection) -> None:
        self._look = look
        look.execute(UNMAKE)
        look.run_script(MAKE)
        look.execute(PIN.replace("{path}", PINNED_TO_US))

    def remove(self) -> None:
        self._look.execute(PIN.replace("{path}", PINNED))
        self._look.execute(UNMAKE)

    def set(self, at: datetime) -> None:
        """Make it `at`; time goes on from there."""
        self._look.execute("UPDATE clock.shift SET by = %(at)s - pg_catalog.clock_timestamp()", {"at": at})

    def advance(self, *, hours: float) -> None:
        seconds = {"seconds": hours * 3600}
        self._look.execute("UPDATE clock.shift SET by = by + make_interval(secs => %(seconds)s)", seconds)

    def now(self) -> datetime:
        row = self._look.execute("SELECT pg_catalog.clock_timestamp() + by FROM clock.shift").fetchone()
        assert row is not None
        return row[0]
