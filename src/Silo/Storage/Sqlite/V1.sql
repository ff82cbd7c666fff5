-- Version 1: grain state and reminders. Nothing of it has been released yet: the tables of requests and tasks belong here too.
-- Whoever adds a table gives it a comment, and an index for each way in which it is read.

-- What the grains keep. The version begins with a random number, so that of a state that was cleared and written anew no old version
-- fits again, and grows by one with each write.
CREATE TABLE switchboard_grain_state (
    grain_type TEXT NOT NULL,
    grain_key  TEXT NOT NULL,
    state_name TEXT NOT NULL,
    version    INTEGER NOT NULL,
    payload    BLOB NOT NULL,
    PRIMARY KEY (grain_type, grain_key, state_name)
) STRICT;

-- Reminders. The hash is the grain's place on the ring, 0 to 4,294,967,295; times are ticks of 100 ns, of the start since the year 1 in UTC.
CREATE TABLE switchboard_reminder (
    grain_id   TEXT NOT NULL,
    name       TEXT NOT NULL,
    grain_hash INTEGER NOT NULL,
    start_at   INTEGER NOT NULL,
    period     INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (grain_id, name)
) STRICT;

CREATE INDEX switchboard_reminder_by_hash ON switchboard_reminder (grain_hash);
