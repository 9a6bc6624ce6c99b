-- breaking: no, because it only adds
-- The figures. Every table exists once per generation (posting_1, posting_2, …): a rebuild fills the next generation
-- beside the live one; the views without a number show the live generation, and moving them is one transaction.
-- An auditor's replay makes the same tables in schema scratch, by the same functions.

SET LOCAL ROLE ledger_projector;

CREATE TABLE read_model.generation (
  generation integer PRIMARY KEY,
  projection integer NOT NULL,
  policy integer NOT NULL,
  status text NOT NULL CHECK (status IN ('BUILDING', 'LIVE', 'RETIRED')),
  -- The checkpoint: the last position whose effect is in this generation's tables; moved by compare-and-set.
  position bigint NOT NULL DEFAULT -1,
  -- False while a rebuild loads: its balances are summed from the postings once, at the end of the load.
  balanced boolean NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  live_since timestamptz
) WITH (fillfactor = 10);
CREATE UNIQUE INDEX generation_one_is_live ON read_model.generation ((true)) WHERE status = 'LIVE';

-- Makes the tables <schema>.<name>_<suffix> with the keys that writing needs; kind is '' or 'UNLOGGED'.
CREATE FUNCTION read_model.create_tables(schema_name text, suffix text, kind text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- What a publisher's report says, as the fold reads it; open (to_position null) while it is active.
  -- kind WITHDRAWN is the tombstone of a reportId: it keeps a report that comes after its withdrawal from counting.
  EXECUTE format($t$CREATE %3$s TABLE %1$I.%2$I (
    incident_id uuid NOT NULL,
    from_position bigint NOT NULL,
    to_position bigint,
    event_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('REPORT', 'WITHDRAWN')),
    source text NOT NULL,
    report_id text NOT NULL,
    revision bigint NOT NULL,
    published_at timestamptz,
    body text,
    PRIMARY KEY (incident_id, from_position))$t$, schema_name, 'report_' || suffix, kind);
  -- Nobody searches in them, and sampling long texts is what ANALYZE spends its time on.
  EXECUTE format('ALTER TABLE %I.%I ALTER body SET STATISTICS 0, ALTER event_id SET STATISTICS 0', schema_name, 'report_' || suffix);

  -- Every state of every incident: as-of lists and details, and the filters that postings do not carry.
  EXECUTE format($t$CREATE %3$s TABLE %1$I.%2$I (
    incident_id uuid NOT NULL,
    from_position bigint NOT NULL,
    to_position bigint,
    version integer NOT NULL,
    publisher text NOT NULL,
    ref text,
    status text NOT NULL CHECK (status IN ('ACTIVE', 'WITHDRAWN')),
    verification text NOT NULL,
    incident_type text NOT NULL,
    start_date date NOT NULL,
    end_date date NOT NULL,
    time_precision text NOT NULL,
    place_name text,
    latitude double precision,
    longitude double precision,
    geo_precision text NOT NULL,
    placements text NOT NULL,
    areas text[] NOT NULL,
    weapons text[] NOT NULL,
    weapon_group text NOT NULL,
    targets text[] NOT NULL,
    actors text[] NOT NULL,
    roles text[] NOT NULL,
    flags text[] NOT NULL,
    reports integer NOT NULL,
    claimants integer NOT NULL,
    figures text NOT NULL,
    PRIMARY KEY (incident_id, from_position))$t$, schema_name, 'incident_version_' || suffix, kind);
  EXECUTE format('ALTER TABLE %I.%I ALTER figures SET STATISTICS 0, ALTER placements SET STATISTICS 0', schema_name, 'incident_version_' || suffix);

  -- The journal: signed changes of figures. '' = not placed at this level. measure INCIDENT counts incidents,
  -- FLAG counts flagged incidents (part = the flag); the others are the measures (part = TOTAL or a victim status).
  -- Columns of fixed width first: the journal is the largest table, and this order wastes no padding. Codes are compared
  -- byte by byte (COLLATE "C"): language rules would make every sort, index and sum several times slower.
  -- An amount that does not change is NULL, not 0: sums pass over it, and it takes no space and no time.
  EXECUTE format($t$CREATE %3$s TABLE %1$I.%2$I (
    position bigint NOT NULL,
    d_lo bigint,
    d_hi bigint,
    d_conservative bigint,
    d_median bigint,
    d_max bigint,
    d_latest bigint,
    d_best bigint,
    d_incidents integer,
    d_open integer,
    d_unknown integer,
    d_valued integer,
    d_best_valued integer,
    month date NOT NULL,
    start_date date NOT NULL,
    incident_id uuid NOT NULL,
    publisher text COLLATE "C" NOT NULL,
    boundary text COLLATE "C" NOT NULL,
    country text COLLATE "C" NOT NULL,
    admin1 text COLLATE "C" NOT NULL,
    admin2 text COLLATE "C" NOT NULL,
    incident_type text COLLATE "C" NOT NULL,
    verification text COLLATE "C" NOT NULL,
    measure text COLLATE "C" NOT NULL,
    part text COLLATE "C" NOT NULL)$t$, schema_name, 'posting_' || suffix, kind);

  -- The sum of all postings, kept at the coarse grain that "the figure now" asks for.
  EXECUTE format($t$CREATE %3$s TABLE %1$I.%2$I (
    boundary text COLLATE "C" NOT NULL,
    country text COLLATE "C" NOT NULL,
    month date NOT NULL,
    admin1 text COLLATE "C" NOT NULL,
    publisher text COLLATE "C" NOT NULL,
    incident_type text COLLATE "C" NOT NULL,
    verification text COLLATE "C" NOT NULL,
    measure text COLLATE "C" NOT NULL,
    part text COLLATE "C" NOT NULL,
    incidents integer NOT NULL,
    lo bigint NOT NULL,
    hi bigint NOT NULL,
    open integer NOT NULL,
    unknown integer NOT NULL,
    conservative bigint NOT NULL,
    median bigint NOT NULL,
    max bigint NOT NULL,
    latest bigint NOT NULL,
    valued integer NOT NULL,
    best bigint NOT NULL,
    best_valued integer NOT NULL,
    PRIMARY KEY (boundary, country, month, admin1, publisher, incident_type, verification, measure, part))
    WITH (fillfactor = 70)$t$, schema_name, 'balance_' || suffix, kind);

  -- The last position recorded at each moment: turns a time into a position.
  EXECUTE format('CREATE %3$s TABLE %1$I.%2$I (recorded_at timestamptz PRIMARY KEY, position bigint NOT NULL UNIQUE)',
    schema_name, 'moment_' || suffix, kind);
  EXECUTE format('CREATE %3$s TABLE %1$I.%2$I (publisher text PRIMARY KEY, first_position bigint NOT NULL)',
    schema_name, 'publisher_' || suffix, kind);
END $$;

-- The indexes that only readers need: a rebuild makes them after the load. Safe to run again.
CREATE FUNCTION read_model.create_indexes(schema_name text, suffix text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  version_table text := 'incident_version_' || suffix;
  posting_table text := 'posting_' || suffix;
BEGIN
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (start_date, incident_id)', version_table || '_by_date', schema_name, version_table);
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (from_position)', version_table || '_by_change', schema_name, version_table);
  -- Postings lie in the order of their positions: a block range index finds a range of them at no cost to writing.
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I USING brin (position) WITH (pages_per_range = 16, autosummarize = on)', posting_table || '_by_position', schema_name, posting_table);
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (incident_id)', posting_table || '_by_incident', schema_name, posting_table);
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (boundary, country, month, admin1, position)', posting_table || '_by_region', schema_name, posting_table);
  -- "When was position P recorded?", asked with every answer as of a past position.
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (position)', 'moment_' || suffix || '_by_position', schema_name, 'moment_' || suffix);
END $$;

CREATE FUNCTION read_model.drop_tables(schema_name text, suffix text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['report', 'incident_version', 'posting', 'balance', 'moment', 'publisher'] LOOP
    EXECUTE format('DROP TABLE IF EXISTS %I.%I', schema_name, t || '_' || suffix);
  END LOOP;
END $$;

-- Moves the views to generation g. The caller's transaction decides when readers see it.
CREATE FUNCTION read_model.make_live(g integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['report', 'incident_version', 'posting', 'balance', 'moment', 'publisher'] LOOP
    EXECUTE format('CREATE OR REPLACE VIEW read_model.%1$I AS SELECT * FROM read_model.%2$I', t, t || '_' || g);
  END LOOP;
  UPDATE read_model.generation SET status = 'RETIRED' WHERE status = 'LIVE' AND generation <> g;
  UPDATE read_model.generation SET status = 'LIVE', live_since = clock_timestamp() WHERE generation = g;
END $$;

CREATE FUNCTION read_model.drop_generation(g integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM read_model.generation WHERE generation = g AND status <> 'LIVE';
  IF FOUND THEN
    PERFORM read_model.drop_tables('read_model', g::text);
  END IF;
END $$;

ALTER DEFAULT PRIVILEGES IN SCHEMA read_model GRANT SELECT ON TABLES TO ledger_query, ledger_audit;
GRANT USAGE ON SCHEMA read_model TO ledger_query, ledger_audit;
GRANT SELECT ON ALL TABLES IN SCHEMA read_model TO ledger_query, ledger_audit;

SELECT read_model.create_tables('read_model', '1', '');
SELECT read_model.create_indexes('read_model', '1');
INSERT INTO read_model.generation (generation, projection, policy, status, balanced) VALUES (1, 1, 1, 'BUILDING', true);
SELECT read_model.make_live(1);

RESET ROLE;
