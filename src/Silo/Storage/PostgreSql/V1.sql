-- Version 1: membership, grain state and reminders, for Orleans' AdoNet providers, and the log of durable requests.
-- Orleans reads its statements from the table orleansquery, whose name and columns are Orleans'. All other tables are this program's.
-- A statement is one command, so that it is one transaction by itself.

CREATE TABLE orleansquery (
    querykey  text PRIMARY KEY,
    querytext text NOT NULL
);

-- Membership. One row of switchboard_membership_version for each cluster: its version changes with every row of its silos but for
-- their heartbeats, and whoever writes names the version that he has read.
CREATE TABLE switchboard_membership_version (
    cluster_id text PRIMARY KEY,
    version    integer NOT NULL DEFAULT 0
);

CREATE TABLE switchboard_membership (
    cluster_id    text NOT NULL REFERENCES switchboard_membership_version ON DELETE CASCADE,
    address       text NOT NULL,
    port          integer NOT NULL,
    generation    integer NOT NULL,
    silo_name     text NOT NULL,
    host_name     text NOT NULL,
    status        integer NOT NULL,
    gateway_port  integer NOT NULL,
    suspect_times text,
    started_at    timestamptz NOT NULL,
    alive_at      timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
);

INSERT INTO orleansquery VALUES
('InsertMembershipVersionKey', '
WITH added AS (
    INSERT INTO switchboard_membership_version (cluster_id) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1
)
SELECT EXISTS (SELECT 1 FROM added)'),

('InsertMembershipKey', '
WITH raised AS (
    UPDATE switchboard_membership_version v SET version = v.version + 1
    WHERE v.cluster_id = @DeploymentId AND v.version = @Version AND NOT EXISTS (
        SELECT 1 FROM switchboard_membership m
        WHERE m.cluster_id = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
    RETURNING 1
), added AS (
    INSERT INTO switchboard_membership
        (cluster_id, address, port, generation, silo_name, host_name, status, gateway_port, started_at, alive_at)
    SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM raised
    RETURNING 1
)
SELECT EXISTS (SELECT 1 FROM added)'),

('UpdateMembershipKey', '
WITH raised AS (
    UPDATE switchboard_membership_version v SET version = v.version + 1
    WHERE v.cluster_id = @DeploymentId AND v.version = @Version AND EXISTS (
        SELECT 1 FROM switchboard_membership m
        WHERE m.cluster_id = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
    RETURNING 1
), changed AS (
    UPDATE switchboard_membership m SET status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime
    FROM raised
    WHERE m.cluster_id = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
    RETURNING 1
)
SELECT EXISTS (SELECT 1 FROM changed)'),

('UpdateIAmAlivetimeKey', '
UPDATE switchboard_membership SET alive_at = @IAmAliveTime
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation'),

-- The version comes back where there is no silo too.
('MembershipReadAllKey', '
SELECT v.version AS Version, m.address AS Address, m.port AS Port, m.generation AS Generation, m.silo_name AS SiloName,
    m.host_name AS HostName, m.status AS Status, m.gateway_port AS ProxyPort, m.suspect_times AS SuspectTimes,
    m.started_at AS StartTime, m.alive_at AS IAmAliveTime
FROM switchboard_membership_version v LEFT JOIN switchboard_membership m USING (cluster_id)
WHERE v.cluster_id = @DeploymentId'),

('MembershipReadRowKey', '
SELECT v.version AS Version, m.address AS Address, m.port AS Port, m.generation AS Generation, m.silo_name AS SiloName,
    m.host_name AS HostName, m.status AS Status, m.gateway_port AS ProxyPort, m.suspect_times AS SuspectTimes,
    m.started_at AS StartTime, m.alive_at AS IAmAliveTime
FROM switchboard_membership_version v LEFT JOIN switchboard_membership m
    ON m.cluster_id = v.cluster_id AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
WHERE v.cluster_id = @DeploymentId'),

('GatewaysQueryKey', '
SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation FROM switchboard_membership
WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0'),

('DeleteMembershipTableEntriesKey', '
DELETE FROM switchboard_membership_version WHERE cluster_id = @DeploymentId'),

-- 6 is SiloStatus.Dead.
('CleanupDefunctSiloEntriesKey', '
DELETE FROM switchboard_membership WHERE cluster_id = @DeploymentId AND alive_at < @IAmAliveTime AND status = 6');

-- Grain state. Whoever writes names the version that he has read; no row comes back where it is another by now. grain_key is empty for
-- grains whose keys are numbers: these have theirs in key_high and key_low.
CREATE TABLE switchboard_grain_state (
    service_id text NOT NULL,
    grain_type text NOT NULL,
    key_high   bigint NOT NULL,
    key_low    bigint NOT NULL,
    grain_key  text NOT NULL,
    payload    bytea,
    version    integer NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service_id, grain_type, grain_key, key_high, key_low)
);

INSERT INTO orleansquery VALUES
('ReadFromStorageKey', '
SELECT payload AS PayloadBinary, version AS Version FROM switchboard_grain_state
WHERE service_id = @ServiceId AND grain_type = @GrainTypeString AND grain_key = COALESCE(@GrainIdExtensionString::text, '''')
    AND key_high = @GrainIdN1 AND key_low = @GrainIdN0'),

('WriteToStorageKey', '
WITH changed AS (
    UPDATE switchboard_grain_state SET payload = @PayloadBinary, version = version + 1, written_at = now()
    WHERE service_id = @ServiceId AND grain_type = @GrainTypeString AND grain_key = COALESCE(@GrainIdExtensionString::text, '''')
        AND key_high = @GrainIdN1 AND key_low = @GrainIdN0 AND version = @GrainStateVersion::integer
    RETURNING version
), added AS (
    INSERT INTO switchboard_grain_state (service_id, grain_type, key_high, key_low, grain_key, payload, version)
    SELECT @ServiceId, @GrainTypeString, @GrainIdN1, @GrainIdN0, COALESCE(@GrainIdExtensionString::text, ''''), @PayloadBinary, 1
    WHERE @GrainStateVersion::integer IS NULL
    ON CONFLICT DO NOTHING
    RETURNING version
)
SELECT version AS NewGrainStateVersion FROM changed UNION ALL SELECT version FROM added'),

('ClearStorageKey', '
UPDATE switchboard_grain_state SET payload = NULL, version = version + 1, written_at = now()
WHERE service_id = @ServiceId AND grain_type = @GrainTypeString AND grain_key = COALESCE(@GrainIdExtensionString::text, '''')
    AND key_high = @GrainIdN1 AND key_low = @GrainIdN0 AND version = @GrainStateVersion::integer
RETURNING version AS NewGrainStateVersion'),

('DeleteStorageKey', '
DELETE FROM switchboard_grain_state
WHERE service_id = @ServiceId AND grain_type = @GrainTypeString AND grain_key = COALESCE(@GrainIdExtensionString::text, '''')
    AND key_high = @GrainIdN1 AND key_low = @GrainIdN0 AND version = @GrainStateVersion::integer
RETURNING version + 1 AS NewGrainStateVersion');

-- Reminders. A silo reads those of its range of hashes.
CREATE TABLE switchboard_reminder (
    service_id    text NOT NULL,
    grain_id      text NOT NULL,
    reminder_name text NOT NULL,
    grain_hash    integer NOT NULL,
    started_at    timestamptz NOT NULL,
    period_ms     bigint NOT NULL,
    version       integer NOT NULL DEFAULT 1,
    PRIMARY KEY (service_id, grain_id, reminder_name)
);

CREATE INDEX switchboard_reminder_hash ON switchboard_reminder (service_id, grain_hash);

INSERT INTO orleansquery VALUES
('ReadReminderRowsKey', '
SELECT grain_id AS GrainId, reminder_name AS ReminderName, started_at AS StartTime, period_ms AS Period, version AS Version
FROM switchboard_reminder WHERE service_id = @ServiceId AND grain_id = @GrainId'),

('ReadReminderRowKey', '
SELECT grain_id AS GrainId, reminder_name AS ReminderName, started_at AS StartTime, period_ms AS Period, version AS Version
FROM switchboard_reminder WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName'),

('ReadRangeRows1Key', '
SELECT grain_id AS GrainId, reminder_name AS ReminderName, started_at AS StartTime, period_ms AS Period, version AS Version
FROM switchboard_reminder WHERE service_id = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash'),

-- The range that goes over the end of the ring.
('ReadRangeRows2Key', '
SELECT grain_id AS GrainId, reminder_name AS ReminderName, started_at AS StartTime, period_ms AS Period, version AS Version
FROM switchboard_reminder WHERE service_id = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)'),

('UpsertReminderRowKey', '
INSERT INTO switchboard_reminder AS r (service_id, grain_id, reminder_name, grain_hash, started_at, period_ms)
VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period)
ON CONFLICT (service_id, grain_id, reminder_name)
DO UPDATE SET grain_hash = @GrainHash, started_at = @StartTime, period_ms = @Period, version = r.version + 1
RETURNING version AS Version'),

('DeleteReminderRowKey', '
WITH gone AS (
    DELETE FROM switchboard_reminder
    WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName AND version = @Version
    RETURNING 1
)
SELECT EXISTS (SELECT 1 FROM gone)'),

('DeleteReminderRowsKey', '
DELETE FROM switchboard_reminder WHERE service_id = @ServiceId');

-- The log of durable requests (IRequestLog). Ids and sessions are unsigned numbers in signed columns, bit by bit. Times are by this database's
-- clock, but for accepted_at.
CREATE TABLE switchboard_request (
    id               bigint PRIMARY KEY,
    agent_key        text COLLATE "C" NOT NULL,
    number           bigint NOT NULL,
    method           text NOT NULL,
    -- LoggedState: 0 queued, 1 claimed, 2 ended.
    state            smallint NOT NULL DEFAULT 0,
    verdict          smallint,
    sent             boolean NOT NULL DEFAULT false,
    attempt          bigint NOT NULL DEFAULT 0,
    session          bigint NOT NULL DEFAULT 0,
    front_door       integer NOT NULL DEFAULT 0,
    accepted_at      timestamptz NOT NULL,
    due_at           timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    sent_at          timestamptz,
    first_message_at timestamptz,
    ended_at         timestamptz,
    first_message_us bigint NOT NULL,
    request_bytes    bigint NOT NULL,
    response_bytes   bigint NOT NULL DEFAULT 0,
    status           integer,
    detail           text NOT NULL DEFAULT '',
    watched          boolean NOT NULL,
    -- What is sent; gone with the end.
    payload          bytea,
    -- The response's headers, a JSON array of names and values in turn; empty: none.
    headers          bytea NOT NULL DEFAULT '',
    -- The SHA-256 of the response.
    hash             bytea NOT NULL DEFAULT '',
    -- The parts of the response that came, those of them that have bytes (switchboard_response_chunk), and what they cost.
    parts            integer NOT NULL DEFAULT 0,
    chunks           integer NOT NULL DEFAULT 0,
    response_cost    bigint NOT NULL DEFAULT 0
);

-- Long payloads are kept beside the row, as they are: a change of the row does not write them again.
ALTER TABLE switchboard_request ALTER COLUMN payload SET STORAGE EXTERNAL;

-- One index for each way in which requests are read. A request is in those of its state.
CREATE UNIQUE INDEX switchboard_request_of_agent ON switchboard_request (agent_key, number);
CREATE INDEX switchboard_request_queued ON switchboard_request (agent_key, number) WHERE state = 0;
CREATE INDEX switchboard_request_waiting ON switchboard_request (agent_key, due_at) WHERE state = 0;
CREATE INDEX switchboard_request_claimed ON switchboard_request (agent_key, number) WHERE state = 1;
CREATE INDEX switchboard_request_held ON switchboard_request (front_door, id) WHERE state = 1;
CREATE INDEX switchboard_request_open ON switchboard_request (expires_at, id) WHERE state < 2;
CREATE INDEX switchboard_request_ended ON switchboard_request (ended_at, id) WHERE state = 2;

-- The bytes of responses to current attempts. Whoever changes them has locked their request's row.
CREATE TABLE switchboard_response_chunk (
    id   bigint NOT NULL,
    n    integer NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (id, n)
);

ALTER TABLE switchboard_response_chunk ALTER COLUMN body SET STORAGE EXTERNAL;

-- One row for each agent of which a request is kept. Whoever adds requests, or changes what they cost, locks it first, agents in the order of
-- their keys, and then requests in the order of their ids. It changes often, and in place.
CREATE TABLE switchboard_request_agent (
    agent_key   text COLLATE "C" PRIMARY KEY,
    tenant      text NOT NULL,
    last_number bigint NOT NULL DEFAULT 0,
    open        integer NOT NULL DEFAULT 0,
    open_bytes  bigint NOT NULL DEFAULT 0,
    kept        integer NOT NULL DEFAULT 0,
    kept_bytes  bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
