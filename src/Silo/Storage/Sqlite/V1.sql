-- Version 1: grain state, reminders and durable requests. Nothing of it has been released yet: the tables of tasks belong here too.
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

-- Durable requests. An id is unsigned and kept as the signed number of the same bits; times are ticks of 100 ns since the year 1 in UTC, and
-- lengths of time ticks too. The state is a LoggedState, the verdict a Verdict, the outcome the RequestFilter that lists an ended one. The cost
-- is what the counters below count for it, the response's share included. Bodies are in tables of their own: to change or to list a request
-- copies none.
CREATE TABLE switchboard_request (
    id               INTEGER PRIMARY KEY,
    agent_key        TEXT NOT NULL,
    number           INTEGER NOT NULL,
    method           TEXT NOT NULL,
    state            INTEGER NOT NULL,
    verdict          INTEGER,
    outcome          INTEGER,
    sent             INTEGER NOT NULL,
    watched          INTEGER NOT NULL,
    attempt          INTEGER NOT NULL,
    session          INTEGER NOT NULL,
    front_door       INTEGER NOT NULL,
    accepted_at      INTEGER NOT NULL,
    due_at           INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    sent_at          INTEGER,
    first_message_at INTEGER,
    ended_at         INTEGER,
    forget_at        INTEGER,
    first_message    INTEGER NOT NULL,
    request_bytes    INTEGER NOT NULL,
    response_bytes   INTEGER NOT NULL,
    status           INTEGER,
    cost             INTEGER NOT NULL,
    response_cost    INTEGER NOT NULL,
    detail           TEXT NOT NULL,
    hash             BLOB
) STRICT;

-- Lists of all.
CREATE UNIQUE INDEX switchboard_request_by_agent ON switchboard_request (agent_key, number);
-- What an agent is to be sent: whether it is due is read from the index too. Agents that wait.
CREATE INDEX switchboard_request_queued ON switchboard_request (agent_key, number, due_at, expires_at) WHERE state = 0;
-- What an agent was sent, and what a front door holds.
CREATE INDEX switchboard_request_claimed ON switchboard_request (agent_key, number) WHERE state = 1;
CREATE INDEX switchboard_request_held ON switchboard_request (front_door) WHERE state = 1;
-- What expires next.
CREATE INDEX switchboard_request_open ON switchboard_request (expires_at) WHERE state < 2;
-- Lists by outcome, and what is forgotten next.
CREATE INDEX switchboard_request_ended ON switchboard_request (agent_key, outcome, number) WHERE state = 2;
CREATE INDEX switchboard_request_forgotten ON switchboard_request (forget_at) WHERE state = 2;

-- What is sent of a request, until it has ended.
CREATE TABLE switchboard_request_payload (
    id   INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- The response to the current attempt: its headers, an array of names and values in turn as JSON, and its body in parts, from 0.
CREATE TABLE switchboard_request_head (
    id      INTEGER PRIMARY KEY,
    headers TEXT NOT NULL
) STRICT;

CREATE TABLE switchboard_request_chunk (
    id   INTEGER NOT NULL,
    n    INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (id, n)
) STRICT;

-- What is kept, changed together with it. An agent's row is there while anything of it is kept, a tenant's while anything of it is open. The
-- one row of switchboard_request_total counts its own changes, so that of two readings the newer is known.
CREATE TABLE switchboard_request_agent (
    agent_key   TEXT PRIMARY KEY,
    last_number INTEGER NOT NULL,
    kept        INTEGER NOT NULL,
    open        INTEGER NOT NULL,
    bytes       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE switchboard_request_tenant (
    tenant TEXT PRIMARY KEY,
    open   INTEGER NOT NULL,
    bytes  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE switchboard_request_total (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    changes INTEGER NOT NULL,
    open    INTEGER NOT NULL,
    kept    INTEGER NOT NULL,
    bytes   INTEGER NOT NULL
) STRICT;

INSERT INTO switchboard_request_total VALUES (1, 0, 0, 0, 0);
