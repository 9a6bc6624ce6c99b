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
-- fillfactor and no index but the key keep its updates on one page.
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
  CONSTRAINT event_type_is_known CHECK (type IN (
    'LogCreated', 'ReportRecorded', 'ReportWithdrawn', 'ReportRejected', 'RejectionRequeued', 'RejectionDiscarded',
    'DeliveryGapRecorded', 'IncidentsMerged', 'MergeReverted', 'IncidentSplit', 'IncidentVerified', 'IncidentReclassified',
    'IncidentRedated', 'IncidentRelocated', 'IncidentRetracted', 'IncidentReinstated', 'DuplicateRejected',
    'AggregatePublished', 'AggregateWithdrawn', 'TrendAsserted', 'TrendWithdrawn', 'SiteRecorded', 'SiteWithdrawn',
    'BoundarySetActivated', 'IncidentsPlaced', 'ConversionPolicyActivated', 'ProjectionActivated', 'SnapshotSealed',
    'PersonalDataErased'))
) PARTITION BY RANGE (position);

-- "What became of offset 4711?" and the replay of one partition.
CREATE INDEX event_by_coordinates ON ledger.event (cursor_id, source_offset);
CREATE INDEX event_by_type ON ledger.event (log_id, type, position);
-- recorded_at never goes back, so a block range index finds a moment.
CREATE INDEX event_by_moment ON ledger.event USING brin (recorded_at) WITH (pages_per_range = 16, autosummarize = on);

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
  position bigint NOT NULL
);

CREATE TABLE ledger.duplicate (
  cursor_id integer NOT NULL,
  source_offset bigint NOT NULL,
  identity uuid NOT NULL,
  PRIMARY KEY (cursor_id, source_offset)
);

-- Committed values: `boxes` is a JSON object from pointer to base64url(nonce ‖ ciphertext ‖ tag), AES-256-GCM with the
-- vault's key `key_id`; associated data = JCS([log, event id, pointer]).
CREATE TABLE ledger.sealed (
  event_id uuid NOT NULL,
  key_id uuid NOT NULL,
  boxes text NOT NULL,
  PRIMARY KEY (event_id, key_id)
);

-- A message that could not be recorded. Its stream in the log is the rejection id.
CREATE TABLE ledger.rejection (
  rejection_id uuid PRIMARY KEY,
  event_id uuid NOT NULL,
  cursor_id integer NOT NULL,
  source_offset bigint NOT NULL,
  received_at timestamptz NOT NULL DEFAULT ledger.clock(),
  stage text NOT NULL,
  code text NOT NULL,
  problems jsonb NOT NULL,
  ce_source text,
  ce_id text,
  ce_type text,
  message_bytes integer NOT NULL,
  key_id uuid NOT NULL,
  box bytea NOT NULL
);
CREATE INDEX rejection_by_coordinates ON ledger.rejection (cursor_id, source_offset);
CREATE INDEX rejection_by_identity ON ledger.rejection (ce_source, ce_id);

CREATE TABLE ledger.rejection_resolution (
  rejection_id uuid PRIMARY KEY REFERENCES ledger.rejection,
  resolution text NOT NULL CHECK (resolution IN ('REQUEUED', 'DISCARDED')),
  event_id uuid NOT NULL
);

-- Keys of committed values, wrapped by the master key: one per event, or one per data subject.
-- Erasing is deleting the row. Leave this schema out of ordinary backups (docs/operators.md).
CREATE TABLE vault.key (
  key_id uuid PRIMARY KEY,
  subject uuid UNIQUE,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT ledger.clock()
);
CREATE TABLE vault.secret (
  name text PRIMARY KEY,
  wrapped bytea NOT NULL
);

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the log is append-only: % on %.% refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', HINT = 'A correction is a new event.';
END $$;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['event', 'event_stream', 'delivery', 'duplicate', 'sealed', 'rejection', 'rejection_resolution'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.%I FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change()', t);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.%I FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', t);
  END LOOP;
  FOR i IN 0..7 LOOP
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.%I FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', 'event_stream_' || i);
  END LOOP;
END $$;

-- Makes the partition that holds `upto`, and all before it. Called by ingest before the positions are needed.
-- The table is made on its own and then attached: ATTACH takes a lock that readers and writers do not wait for.
CREATE FUNCTION ledger.ensure_event_partition(upto bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  size bigint;
  first_position bigint;
  part text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ledger.ensure_event_partition'));
  SELECT coalesce(min(h.partition_size), 1000000) INTO size FROM ledger.head h;
  first_position := coalesce((
    SELECT max(substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''(\d+)''\)')::bigint)
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'ledger.event'::regclass), 0);
  WHILE first_position <= upto LOOP
    part := 'event_from_' || first_position;
    EXECUTE format('CREATE TABLE ledger.%I (LIKE ledger.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION)', part);
    EXECUTE format('ALTER TABLE ledger.%I ADD CONSTRAINT %I CHECK (position >= %s AND position < %s)', part, part || '_range', first_position, first_position + size);
    EXECUTE format('ALTER TABLE ledger.event ATTACH PARTITION ledger.%I FOR VALUES FROM (%s) TO (%s)', part, first_position, first_position + size);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.%I FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', part);
    first_position := first_position + size;
  END LOOP;
END $$;

REVOKE ALL ON FUNCTION ledger.ensure_event_partition(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.ensure_event_partition(bigint) TO ledger_ingest;

GRANT USAGE ON SCHEMA ledger TO ledger_ingest, ledger_projector, ledger_audit, ledger_query;
GRANT USAGE ON SCHEMA vault TO ledger_ingest, ledger_query, ledger_audit;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA ledger TO ledger_ingest;
GRANT UPDATE ON ledger.head, ledger.kafka_cursor TO ledger_ingest;
GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA vault TO ledger_ingest;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO ledger_projector, ledger_audit;
GRANT SELECT ON ledger.sealed TO ledger_query;
GRANT SELECT ON vault.key, vault.secret TO ledger_query;

SELECT ledger.ensure_event_partition(0);
RESET ROLE;
