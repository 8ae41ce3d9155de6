-- Why: a newcomer is led through three steps and, in their first week, reads once what is new to them. Both need to
-- know what has been (docs/rules/first-run.md).
--
-- Lock order: a row belongs to a member and is written behind the lock on that member.

-- How far the first run of a member has come; no row: they have not begun.
CREATE TABLE first_runs (
    user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    step int NOT NULL DEFAULT 1 CHECK (step BETWEEN 1 AND 4), -- the one that comes next; 4: they are through
    declined boolean NOT NULL DEFAULT false,
    knows_clock boolean NOT NULL DEFAULT false -- whether they were asked for their time zone, and answered
);

-- What was explained to a member, each once.
CREATE TABLE explained (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    matter text COLLATE "C" NOT NULL CHECK (length(matter) BETWEEN 1 AND 20), -- the code knows which there are
    day month_day NOT NULL, -- the member's, on which it was
    PRIMARY KEY (user_id, matter)
);

-- A newcomer reads on each private answer where to begin (019): until they log or tick something, or decline.
CREATE FUNCTION offer_first_run() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO for_you (user_id, kind) VALUES (NEW.user_id, 'start') ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER offer_first_run AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION offer_first_run();

CREATE FUNCTION follow_first_deed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM for_you WHERE for_you.user_id = NEW.user_id AND kind = 'start';
    RETURN NULL;
END
$$;
CREATE TRIGGER follow_first_deed AFTER INSERT ON booked_days FOR EACH ROW EXECUTE FUNCTION follow_first_deed();
CREATE TRIGGER follow_first_deed AFTER INSERT ON pending_xp_awards FOR EACH ROW EXECUTE FUNCTION follow_first_deed();

-- Who has left it in the middle reads a few times that it goes on; nobody does who is through or has declined.
CREATE FUNCTION follow_first_run() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.declined OR NEW.step = 4 THEN
        DELETE FROM for_you WHERE for_you.user_id = NEW.user_id AND kind IN ('start', 'go_on');
    ELSIF NEW.step > 1 AND (TG_OP = 'INSERT' OR OLD.step = 1) THEN
        INSERT INTO for_you (user_id, kind) VALUES (NEW.user_id, 'go_on') ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER follow_first_run AFTER INSERT OR UPDATE ON first_runs
FOR EACH ROW EXECUTE FUNCTION follow_first_run();

GRANT SELECT, INSERT (user_id, step, declined, knows_clock), UPDATE (step, declined, knows_clock) ON first_runs
TO app_main;
-- In Tensey the deed of the first step is a challenge: its tick says so here, and a newcomer can decline there too.
GRANT SELECT (user_id, step), INSERT (user_id, step, declined), UPDATE (step, declined) ON first_runs TO app_tensey;
GRANT SELECT, INSERT (user_id, matter, day) ON explained TO app_main;
GRANT SELECT, INSERT (user_id, matter, day) ON explained TO app_outbox; -- a tick explains with its award
GRANT SELECT ON explained TO app_award; -- it reads days as a whole, to raise a share after an outage
