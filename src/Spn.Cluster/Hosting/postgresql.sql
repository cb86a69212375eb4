-- What Orleans' ADO.NET providers for clustering and grain storage need in PostgreSQL 9.5 or newer. They find their statements in OrleansQuery.
-- The script can be run again: it keeps the rows and replaces the statements.

CREATE TABLE IF NOT EXISTS OrleansQuery
(
    QueryKey text PRIMARY KEY,
    QueryText text NOT NULL
);

CREATE TABLE IF NOT EXISTS spn_membership_version
(
    deployment text PRIMARY KEY,
    version integer NOT NULL
);

CREATE TABLE IF NOT EXISTS spn_membership
(
    deployment text NOT NULL REFERENCES spn_membership_version,
    address text NOT NULL,
    port integer NOT NULL,
    generation integer NOT NULL,
    silo_name text NOT NULL,
    host_name text NOT NULL,
    status integer NOT NULL,
    proxy_port integer,
    suspect_times text,
    start_time timestamptz(3) NOT NULL,
    alive_time timestamptz(3) NOT NULL,
    PRIMARY KEY (deployment, address, port, generation)
);

CREATE TABLE IF NOT EXISTS spn_grain_state
(
    service text NOT NULL,
    grain_type text NOT NULL,
    id0 bigint NOT NULL,
    id1 bigint NOT NULL,
    id_text text NOT NULL,
    version integer NOT NULL,
    payload bytea,
    PRIMARY KEY (service, grain_type, id0, id1, id_text)
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('GatewaysQueryKey', $$
    SELECT address, proxy_port AS ProxyPort, generation FROM spn_membership
    WHERE deployment = @DeploymentId AND status = @Status AND proxy_port > 0
$$),
('MembershipReadRowKey', $$
    SELECT m.address, m.port, m.generation, m.silo_name AS SiloName, m.host_name AS HostName, m.status, m.proxy_port AS ProxyPort,
        m.suspect_times AS SuspectTimes, m.start_time AS StartTime, m.alive_time AS IAmAliveTime, v.version
    FROM spn_membership_version v
    LEFT JOIN spn_membership m
        ON m.deployment = v.deployment AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
    WHERE v.deployment = @DeploymentId
$$),
('MembershipReadAllKey', $$
    SELECT m.address, m.port, m.generation, m.silo_name AS SiloName, m.host_name AS HostName, m.status, m.proxy_port AS ProxyPort,
        m.suspect_times AS SuspectTimes, m.start_time AS StartTime, m.alive_time AS IAmAliveTime, v.version
    FROM spn_membership_version v
    LEFT JOIN spn_membership m ON m.deployment = v.deployment
    WHERE v.deployment = @DeploymentId
$$),
('InsertMembershipVersionKey', $$
    WITH added AS (
        INSERT INTO spn_membership_version (deployment, version) VALUES (@DeploymentId, 0) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT CAST(count(*) AS integer) FROM added
$$),
-- The update of the version's row lets one writer through at a time, and only with the version that it has read.
('InsertMembershipKey', $$
    WITH turn AS (
        UPDATE spn_membership_version SET version = version + 1
        WHERE deployment = @DeploymentId AND version = @Version AND NOT EXISTS (
            SELECT FROM spn_membership
            WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING deployment),
    added AS (
        INSERT INTO spn_membership
            (deployment, address, port, generation, silo_name, host_name, status, proxy_port, start_time, alive_time)
        SELECT deployment, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM turn
        RETURNING 1)
    SELECT CAST(count(*) AS integer) FROM added
$$),
('UpdateMembershipKey', $$
    WITH turn AS (
        UPDATE spn_membership_version SET version = version + 1
        WHERE deployment = @DeploymentId AND version = @Version AND EXISTS (
            SELECT FROM spn_membership
            WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING deployment),
    changed AS (
        UPDATE spn_membership m SET status = @Status, suspect_times = CAST(@SuspectTimes AS text), alive_time = @IAmAliveTime
        FROM turn
        WHERE m.deployment = turn.deployment AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
        RETURNING 1)
    SELECT CAST(count(*) AS integer) FROM changed
$$),
('UpdateIAmAlivetimeKey', $$
    UPDATE spn_membership SET alive_time = @IAmAliveTime
    WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$$),
('DeleteMembershipTableEntriesKey', $$
    WITH members AS (DELETE FROM spn_membership WHERE deployment = @DeploymentId)
    DELETE FROM spn_membership_version WHERE deployment = @DeploymentId
$$),
-- Status 6 is a dead silo.
('CleanupDefunctSiloEntriesKey', $$
    DELETE FROM spn_membership WHERE deployment = @DeploymentId AND status = 6 AND alive_time < @IAmAliveTime
$$),
('CleanupDefunctSiloEntryKey', $$
    DELETE FROM spn_membership
    WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation AND status = 6
        AND start_time = @StartTime AND alive_time = @IAmAliveTime AND suspect_times IS NOT DISTINCT FROM CAST(@SuspectTimes AS text)
$$),
('ReadFromStorageKey', $$
    SELECT payload AS PayloadBinary, version FROM spn_grain_state
    WHERE service = @ServiceId AND grain_type = @GrainTypeString AND id0 = @GrainIdN0 AND id1 = @GrainIdN1
        AND id_text = COALESCE(CAST(@GrainIdExtensionString AS text), '')
$$),
-- A write that comes too late returns the version that it was given, by which Orleans recognizes it.
('WriteToStorageKey', $$
    WITH changed AS (
        UPDATE spn_grain_state SET payload = @PayloadBinary, version = version + 1
        WHERE service = @ServiceId AND grain_type = @GrainTypeString AND id0 = @GrainIdN0 AND id1 = @GrainIdN1
            AND id_text = COALESCE(CAST(@GrainIdExtensionString AS text), '') AND version = CAST(@GrainStateVersion AS integer)
        RETURNING version),
    added AS (
        INSERT INTO spn_grain_state (service, grain_type, id0, id1, id_text, version, payload)
        SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, COALESCE(CAST(@GrainIdExtensionString AS text), ''), 1, @PayloadBinary
        WHERE CAST(@GrainStateVersion AS integer) IS NULL
        ON CONFLICT DO NOTHING
        RETURNING version)
    SELECT COALESCE((SELECT version FROM changed), (SELECT version FROM added), CAST(@GrainStateVersion AS integer))
        AS NewGrainStateVersion
$$),
('ClearStorageKey', $$
    WITH changed AS (
        UPDATE spn_grain_state SET payload = NULL, version = version + 1
        WHERE service = @ServiceId AND grain_type = @GrainTypeString AND id0 = @GrainIdN0 AND id1 = @GrainIdN1
            AND id_text = COALESCE(CAST(@GrainIdExtensionString AS text), '') AND version = CAST(@GrainStateVersion AS integer)
        RETURNING version)
    SELECT COALESCE((SELECT version FROM changed), CAST(@GrainStateVersion AS integer)) AS NewGrainStateVersion
$$),
('DeleteStorageKey', $$
    WITH removed AS (
        DELETE FROM spn_grain_state
        WHERE service = @ServiceId AND grain_type = @GrainTypeString AND id0 = @GrainIdN0 AND id1 = @GrainIdN1
            AND id_text = COALESCE(CAST(@GrainIdExtensionString AS text), '') AND version = CAST(@GrainStateVersion AS integer)
        RETURNING version)
    SELECT COALESCE((SELECT version + 1 FROM removed), CAST(@GrainStateVersion AS integer)) AS NewGrainStateVersion
$$)
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
