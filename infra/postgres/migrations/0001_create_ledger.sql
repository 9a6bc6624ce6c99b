-- breaking: no, because it is the first
-- The log (source of truth), the vault (keys) and the roles. One role per app: the rights are the
-- right-hand column of docs/architecture.md, and test/architecture/grants.int.spec.ts checks them.

DO $$
DECLARE
  role_name text;
BEGIN
  -- Roles belong to the cluster, not to the database: another database may have made them already,
  -- or may be making them right now.
  FOREACH role_name IN ARRAY ARRAY['ledger_owner', 'ledger_ingest', 'ledger_projector', 'ledger_query', 'ledger_audit'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    BEGIN
      EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
    EXCEPTION WHEN OTHERS THEN NULL; -- already a member, or a superuser who needs no membership
    END;
  END LOOP;
END $$;

CREATE SCHEMA ledger AUTHORIZATION ledger_owner;
CREATE SCHEMA vault AUTHORIZATION ledger_owner;
CREATE SCHEMA read_model AUTHORIZATION ledger_projector;
CREATE SCHEMA scratch AUTHORIZATION ledger_audit;

SET LOCAL ROLE ledger_owner;

-- The one clock of the log. A test (or a leap of the machine's clock) changes time here and nowhere else.
CREATE FUNCTION ledger.clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

-- The counter row: dense positions in commit order. Taken as the LAST lock of an append.
-- fillfactor and no index but the keys keep its updates on one page.
CREATE TABLE ledger.head (
  log_id smallint PRIMARY KEY,
  log uuid NOT NULL UNIQUE,
  next_position bigint NOT NULL CONSTRAINT head_position_is_a_json_number CHECK (next_position BETWEEN 0 AND 9007199254740991),
  recorded_at timestamptz NOT NULL,
  partition_size bigint NOT NULL DEFAULT 1000000 CHECK (partition_size > 0)
) WITH (fillfactor = 10);

CREATE TABLE ledger.event (
  log_id smallint NOT NULL,
  position bigint NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  stream_id uuid NOT NULL,
  stream_version integer NOT NULL CHECK (stream_version > 0),
  recorded_at timestamptz NOT NULL,
  ce_source text,
  ce_id text,
  cursor_id integer,
  source_offset bigint,
  report_id text,
  revision bigint,
  -- The canonical bytes (RFC 8785) that are hashed: stored verbatim, never re-serialised, never jsonb.
  leaf text NOT NULL CONSTRAINT event_leaf_fits_a_bundle CHECK (octet_length(leaf) <= 61440),
  PRIMARY KEY (log_id, position),
  CONSTRAINT event_position_is_not_negative CHECK (position >= 0),
  CONSTRAINT event_type_is_known CHECK (type IN (
    'LogCreated', 'ReportRecorded', 'ReportWithdrawn', 'ReportRejected', 'RejectionRequeued', 'RejectionDiscarded',
    'DeliveryGapRecorded', 'IncidentsMerged', 'MergeReverted', 'IncidentSplit', 'IncidentVerified', 'IncidentReclassified',
    'IncidentRedated', 'IncidentRelocated', 'IncidentRetracted', 'IncidentReinstated', 'DuplicateRejected',
    'AggregatePublished', 'AggregateWithdrawn', 'TrendAsserted', 'TrendWithdrawn', 'SiteRecorded', 'SiteWithdrawn',
    'BoundarySetActivated', 'IncidentsPlaced', 'ConversionPolicyActivated', 'ProjectionActivated', 'SnapshotSealed',
    'PersonalDataErased'))
) PARTITION BY RANGE (position);

-- "What became of offset 4711?" and the replay of one partition.
CREATE INDEX event_by_coordinates ON ledger.event (cursor_id, source_offset) WHERE cursor_id IS NOT NULL;
-- Event ids are version 7, so this index grows at its right edge.
CREATE INDEX event_by_id ON ledger.event (event_id);
-- The rare types only: nearly every event is a ReportRecorded, which the primary key finds as fast.
CREATE INDEX event_by_type ON ledger.event (log_id, type, position) WHERE type <> 'ReportRecorded';

-- A moment needs no index: positions are dense and recorded_at never goes back, so halving finds it.
CREATE FUNCTION ledger.position_at(of_log smallint, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE
  low bigint := -1; -- recorded at or before the moment, or before the first event
  high bigint;      -- recorded after it, or the next position
  middle bigint;
  found timestamptz;
BEGIN
  SELECT h.next_position INTO high FROM ledger.head h WHERE h.log_id = of_log;
  WHILE high - low > 1 LOOP
    middle := (low + high) / 2;
    SELECT e.recorded_at INTO found FROM ledger.event e WHERE e.log_id = of_log AND e.position = middle;
    IF found <= moment THEN low := middle; ELSE high := middle; END IF;
  END LOOP;
  RETURN low;
END $$;

-- One row per stream that an event touches: the aggregate's own order, unique, whatever the range partition.
CREATE TABLE ledger.event_stream (
  log_id smallint NOT NULL,
  stream_id uuid NOT NULL,
  stream_version integer NOT NULL,
  position bigint NOT NULL,
  CONSTRAINT event_stream_version_key PRIMARY KEY (log_id, stream_id, stream_version)
) PARTITION BY HASH (stream_id);
DO $$ BEGIN
  FOR i IN 0..7 LOOP
    EXECUTE format('CREATE TABLE ledger.event_stream_%s PARTITION OF ledger.event_stream FOR VALUES WITH (MODULUS 8, REMAINDER %s)', i, i);
  END LOOP;
END $$;

-- How far each partition has been read: moved by compare-and-set in the transaction that appends.
CREATE TABLE ledger.kafka_cursor (
  cursor_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cluster text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  consumer_group text NOT NULL,
  next_offset bigint NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT ledger.clock(),
  CONSTRAINT kafka_cursor_key UNIQUE (cluster, topic, partition, consumer_group)
) WITH (fillfactor = 50);

-- identity: the first 16 bytes of SHA-256(JCS([source, id])); digest: 16 bytes of HMAC(JCS({data, type})), keyed
-- outside the log, so that "same id, other content" can be told without a hash that would confirm a guess.
CREATE TABLE ledger.delivery (
  identity uuid PRIMARY KEY,
  digest uuid NOT NULL,
  position bigint NOT NULL,
  log_id smallint NOT NULL
);

-- The incident under which a report was first recorded: it stays there (ADR 0010).
-- report: the first 16 bytes of SHA-256(JCS([source, reportId])).
CREATE TABLE ledger.report_home (
  report uuid PRIMARY KEY,
  stream_id uuid NOT NULL,
  log_id smallint NOT NULL
);

CREATE TABLE ledger.duplicate (
  cursor_id integer NOT NULL,
  source_offset bigint NOT NULL,
  identity uuid NOT NULL,
  PRIMARY KEY (cursor_id, source_offset)
);

-- Committed values: `boxes` is a JSON object from pointer to base64url(nonce ‖ ciphertext ‖ tag), AES-256-GCM with the
-- vault's key `key_id`; associated data = JCS([log, event id, pointer]). Pointers are into the message's `data`; "" holds
-- the salt of payloadCommitment. A pointer whose rows all name deleted keys was erased.
CREATE TABLE ledger.sealed (
  log uuid NOT NULL,
  event_id uuid NOT NULL,
  key_id uuid NOT NULL,
  boxes text NOT NULL,
  PRIMARY KEY (event_id, key_id)
);
-- What an erasure of a data subject makes unreadable. A key of one event has the event's own id and needs no entry.
CREATE INDEX sealed_by_shared_key ON ledger.sealed (key_id) WHERE key_id <> event_id;

-- A message that could not be recorded. Its stream in the log is the rejection id; `box` is its raw bytes, encrypted.
CREATE TABLE ledger.rejection (
  rejection_id uuid PRIMARY KEY,
  event_id uuid NOT NULL,
  cursor_id integer NOT NULL,
  source_offset bigint NOT NULL,
  source_timestamp timestamptz,
  received_at timestamptz NOT NULL DEFAULT ledger.clock(),
  stage text NOT NULL,
  code text NOT NULL,
  problems jsonb NOT NULL,
  ce_source text,
  ce_id text,
  ce_type text,
  -- As in ledger.delivery; null where source or id is unknown. The texts themselves can be longer than an index takes.
  identity uuid,
  message_bytes integer NOT NULL,
  key_id uuid NOT NULL,
  box bytea NOT NULL
);
CREATE INDEX rejection_by_coordinates ON ledger.rejection (cursor_id, source_offset);
CREATE INDEX rejection_by_identity ON ledger.rejection (identity) WHERE identity IS NOT NULL;

CREATE TABLE ledger.rejection_resolution (
  rejection_id uuid PRIMARY KEY REFERENCES ledger.rejection,
  resolution text NOT NULL CHECK (resolution IN ('REQUEUED', 'DISCARDED')),
  event_id uuid NOT NULL
);

-- Keys of committed values, wrapped by the master key: one per event, or one per data subject.
-- Erasing is deleting the row. Leave this schema out of ordinary backups (docs/operators.md).
CREATE TABLE vault.key (
  key_id uuid PRIMARY KEY,
  -- HMAC of [CloudEvents source, subjectRef]; null for a key of one event.
  subject uuid,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT ledger.clock()
);
CREATE UNIQUE INDEX key_subject_key ON vault.key (subject) WHERE subject IS NOT NULL;
CREATE TABLE vault.secret (
  name text PRIMARY KEY,
  wrapped bytea NOT NULL
);

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the log is append-only: % on %.% refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', HINT = 'A correction is a new event.';
END $$;

CREATE FUNCTION ledger.forbid_truncate(name text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.%I FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', name);
  EXECUTE format('ALTER TABLE ledger.%I ENABLE ALWAYS TRIGGER no_truncate', name);
END $$;
REVOKE ALL ON FUNCTION ledger.forbid_truncate(text) FROM PUBLIC;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['event', 'event_stream', 'delivery', 'report_home', 'duplicate', 'sealed', 'rejection', 'rejection_resolution'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.%I FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change()', t);
    -- ALWAYS: also in a session that calls itself a replica (session_replication_role).
    EXECUTE format('ALTER TABLE ledger.%I ENABLE ALWAYS TRIGGER append_only', t);
    PERFORM ledger.forbid_truncate(t);
  END LOOP;
  FOR i IN 0..7 LOOP
    PERFORM ledger.forbid_truncate('event_stream_' || i);
  END LOOP;
END $$;

-- The head only moves forward, and stays the head of the log it was made for.
CREATE FUNCTION ledger.keep_head_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NEW.log_id <> OLD.log_id OR NEW.log <> OLD.log
     OR NEW.next_position < OLD.next_position OR NEW.recorded_at < OLD.recorded_at THEN
    RAISE EXCEPTION 'the head of a log only moves forward: % refused', TG_OP USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER forward_only BEFORE UPDATE OR DELETE ON ledger.head FOR EACH ROW EXECUTE FUNCTION ledger.keep_head_in_order();
ALTER TABLE ledger.head ENABLE ALWAYS TRIGGER forward_only;
SELECT ledger.forbid_truncate('head');

-- Makes the partition that holds `upto`, and all before it; returns the first position that has none yet.
-- Called by ingest when it creates the log, then before the positions are needed. Nobody can ask for a partition far ahead of the head.
-- The table is made on its own and then attached: ATTACH takes a lock that readers and writers do not wait for.
CREATE FUNCTION ledger.ensure_event_partition(upto bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  size bigint;
  head bigint;
  first_position bigint;
  part text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ledger.ensure_event_partition'));
  SELECT coalesce(min(h.partition_size), 1000000), coalesce(max(h.next_position), 0) INTO size, head FROM ledger.head h;
  IF upto > head + 2 * size THEN
    RAISE EXCEPTION 'position % is more than two partitions ahead of the head %', upto, head USING ERRCODE = 'invalid_parameter_value';
  END IF;
  first_position := coalesce((
    SELECT max(substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''(\d+)''\)')::bigint)
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'ledger.event'::regclass), 0);
  WHILE first_position <= upto LOOP
    part := 'event_from_' || first_position;
    -- Leaves of the usual size stay inline and uncompressed: pglz would cost more time than all the rest of the insert.
    EXECUTE format('CREATE TABLE ledger.%I (LIKE ledger.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION) WITH (toast_tuple_target = 8160)', part);
    EXECUTE format('ALTER TABLE ledger.%I ADD CONSTRAINT %I CHECK (position >= %s AND position < %s)', part, part || '_range', first_position, first_position + size);
    EXECUTE format('ALTER TABLE ledger.event ATTACH PARTITION ledger.%I FOR VALUES FROM (%s) TO (%s)', part, first_position, first_position + size);
    EXECUTE format('ALTER TABLE ledger.%I DROP CONSTRAINT %I', part, part || '_range'); -- it spared ATTACH a scan
    PERFORM ledger.forbid_truncate(part);
    first_position := first_position + size;
  END LOOP;
  RETURN first_position;
END $$;
REVOKE ALL ON FUNCTION ledger.ensure_event_partition(bigint) FROM PUBLIC;

-- The right-hand column of the table in architecture §1. Partitions carry no grants of their own: they are reached
-- through their parents only.
GRANT EXECUTE ON FUNCTION ledger.ensure_event_partition(bigint) TO ledger_ingest;
GRANT USAGE ON SCHEMA ledger TO ledger_ingest, ledger_projector, ledger_audit, ledger_query;
GRANT USAGE ON SCHEMA vault TO ledger_ingest, ledger_query;
GRANT SELECT, INSERT ON ledger.head, ledger.event, ledger.event_stream, ledger.kafka_cursor, ledger.delivery,
  ledger.report_home, ledger.duplicate, ledger.sealed, ledger.rejection, ledger.rejection_resolution TO ledger_ingest;
GRANT UPDATE (next_position, recorded_at) ON ledger.head TO ledger_ingest;
GRANT UPDATE (next_offset, updated_at) ON ledger.kafka_cursor TO ledger_ingest;
GRANT SELECT, INSERT, DELETE ON vault.key TO ledger_ingest;
GRANT SELECT, INSERT ON vault.secret TO ledger_ingest;
GRANT SELECT ON ledger.head, ledger.event, ledger.event_stream, ledger.kafka_cursor, ledger.delivery,
  ledger.report_home, ledger.duplicate, ledger.sealed, ledger.rejection, ledger.rejection_resolution TO ledger_projector, ledger_audit;
GRANT SELECT ON ledger.sealed TO ledger_query;
GRANT SELECT ON vault.key, vault.secret TO ledger_query;

RESET ROLE;
