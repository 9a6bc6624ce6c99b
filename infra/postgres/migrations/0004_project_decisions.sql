-- breaking: yes, because the figures are projected again from the log, by projection 2 (merges, splits, stewards' decisions)
-- Until the projector has read the log again, answers show how far it is. The log itself is not touched.

SET LOCAL ROLE ledger_projector;

DO $$
DECLARE
  g integer;
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['report', 'incident_version', 'posting', 'balance', 'moment', 'publisher'] LOOP
    EXECUTE format('DROP VIEW read_model.%I', t);
  END LOOP;
  FOR g IN SELECT generation FROM read_model.generation LOOP
    PERFORM read_model.drop_tables('read_model', g::text);
  END LOOP;
END $$;

-- policy is the number of the conversion policy in force at the checkpoint. policy_override: the figures are folded under
-- that one, whatever the log activates.
ALTER TABLE read_model.generation ADD COLUMN policy_override integer;

-- The cell of a tenth of a degree that holds a point as fine as a settlement; null for a coarser place.
CREATE FUNCTION read_model.cell_of(geo_precision text, latitude double precision, longitude double precision) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN geo_precision IN ('EXACT_POINT', 'STREET_OR_LANDMARK', 'NEIGHBOURHOOD', 'SETTLEMENT', 'NEAR_SETTLEMENT')
              THEN floor(latitude * 10)::integer * 3600 + floor(longitude * 10)::integer END;

-- Makes the tables <schema>.<name>_<suffix> with the keys that writing needs; kind is '' or 'UNLOGGED'.
CREATE OR REPLACE FUNCTION read_model.create_tables(schema_name text, suffix text, kind text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- What a publisher's report says, as the fold reads it; open (to_position null) while it is active. incident_id is the
  -- incident under which it was recorded; a merge or a split (table decision) may let it count elsewhere.
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
    vague boolean NOT NULL,
    PRIMARY KEY (incident_id, from_position, event_id))$t$, schema_name, 'report_' || suffix, kind);
  -- A new conversion policy folds again what counts by vague words, and those are few.
  EXECUTE format('CREATE INDEX %1$I ON %2$I.%3$I (incident_id) WHERE vague AND to_position IS NULL', 'report_' || suffix || '_vague', schema_name, 'report_' || suffix);
  -- Nobody searches in them, and sampling long texts is what ANALYZE spends its time on.
  EXECUTE format('ALTER TABLE %I.%I ALTER body SET STATISTICS 0, ALTER event_id SET STATISTICS 0', schema_name, 'report_' || suffix);

  -- What stewards decided of an incident, as the fold reads it; open while it stands. `other` is the incident at the
  -- other end of a merge or a split: both ends have a row. seq tells rows of one event apart. actor is who decided.
  EXECUTE format($t$CREATE %3$s TABLE %1$I.%2$I (
    incident_id uuid NOT NULL,
    from_position bigint NOT NULL,
    to_position bigint,
    seq smallint NOT NULL,
    event_id uuid NOT NULL,
    kind text NOT NULL,
    other uuid,
    actor text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (incident_id, from_position, seq))$t$, schema_name, 'decision_' || suffix, kind);

  -- What stands beside the incidents: aggregates, trends, sites, activated policies and boundary sets, snapshots, rejected
  -- duplicates. Open while it stands. key is unique among the open rows of a kind; stream is that of the events about it.
  EXECUTE format($t$CREATE %3$s TABLE %1$I.%2$I (
    kind text COLLATE "C" NOT NULL,
    key uuid NOT NULL,
    stream uuid NOT NULL,
    from_position bigint NOT NULL,
    to_position bigint,
    event_id uuid NOT NULL,
    source text,
    actor text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (kind, key, from_position))$t$, schema_name, 'record_' || suffix, kind);
  EXECUTE format('CREATE INDEX %1$I ON %2$I.%3$I (stream) WHERE to_position IS NULL', 'record_' || suffix || '_standing', schema_name, 'record_' || suffix);

  -- Pairs of incidents that may be one, with the rule that found them; open while both stand and nobody decided. a < b. Of each
  -- side what figures are usually asked by, so that the pairs of a figure are counted without a look at the incidents; areas as
  -- those of a version and, as '<set>:', the boundary sets that place it; none of a side that counts nowhere (DISCOUNTED).
  EXECUTE format($t$CREATE %3$s TABLE %1$I.%2$I (
    a uuid NOT NULL,
    b uuid NOT NULL,
    from_position bigint NOT NULL,
    to_position bigint,
    score smallint NOT NULL,
    a_start_date date NOT NULL,
    b_start_date date NOT NULL,
    a_publisher text NOT NULL,
    b_publisher text NOT NULL,
    a_incident_type text NOT NULL,
    b_incident_type text NOT NULL,
    a_areas text[] NOT NULL,
    b_areas text[] NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (a, b, from_position))$t$, schema_name, 'candidate_' || suffix, kind);
  EXECUTE format('CREATE INDEX %1$I ON %2$I.%3$I (b)', 'candidate_' || suffix || '_by_b', schema_name, 'candidate_' || suffix);

  -- Every state of every incident: as-of lists and details, and the filters that postings do not carry.
  EXECUTE format($t$CREATE %3$s TABLE %1$I.%2$I (
    incident_id uuid NOT NULL,
    from_position bigint NOT NULL,
    to_position bigint,
    version integer NOT NULL,
    publisher text NOT NULL,
    ref text,
    status text NOT NULL CHECK (status IN ('ACTIVE', 'WITHDRAWN', 'RETRACTED', 'MERGED')),
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
    -- The incident under which a MERGED one counts.
    survivor uuid,
    PRIMARY KEY (incident_id, from_position))$t$, schema_name, 'incident_version_' || suffix, kind);
  -- Where candidate duplicates are looked for, while a batch is written: by day, and within the day by place.
  EXECUTE format('CREATE INDEX %1$I ON %2$I.%3$I (start_date, read_model.cell_of(geo_precision, latitude, longitude)) WHERE status = ''ACTIVE''', 'incident_version_' || suffix || '_nearby', schema_name, 'incident_version_' || suffix);
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

  -- The sum of all postings, kept at the coarse grain that "the figure now" asks for; month -infinity holds the sum over
  -- all months, so that a figure of all time is a few rows.
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
  -- In the order of the groups of a figure, and without the victim statuses, which are most of the rows. No sum is in it, so
  -- that only a new balance costs anything.
  EXECUTE format($i$CREATE INDEX %1$I ON %2$I.%3$I (boundary, country, month, admin1, measure, part, publisher)
    WHERE measure IN ('INCIDENT', 'FLAG') OR part = 'TOTAL'$i$, 'balance_' || suffix || '_of_totals', schema_name, 'balance_' || suffix);

  -- The last position recorded at each moment: turns a time into a position, and a position into its time.
  EXECUTE format('CREATE %3$s TABLE %1$I.%2$I (recorded_at timestamptz PRIMARY KEY, position bigint NOT NULL UNIQUE)',
    schema_name, 'moment_' || suffix, kind);
  EXECUTE format('CREATE %3$s TABLE %1$I.%2$I (publisher text PRIMARY KEY, first_position bigint NOT NULL)',
    schema_name, 'publisher_' || suffix, kind);
END $$;

-- The indexes that only readers need: a rebuild makes them after the load. Safe to run again.
CREATE OR REPLACE FUNCTION read_model.create_indexes(schema_name text, suffix text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  version_table text := 'incident_version_' || suffix;
  posting_table text := 'posting_' || suffix;
BEGIN
  -- With the position, a list as of long ago passes over what came later without looking at it.
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (start_date, incident_id, from_position)', version_table || '_by_date', schema_name, version_table);
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (from_position)', version_table || '_by_change', schema_name, version_table);
  -- The two of a pair begin at most two days apart, so that the date of one finds both.
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (a_start_date)', 'candidate_' || suffix || '_by_date', schema_name, 'candidate_' || suffix);
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I USING gin (a_areas, b_areas) WITH (fastupdate = off)', 'candidate_' || suffix || '_by_area', schema_name, 'candidate_' || suffix);
  -- Few, and asked for with every figure by month: what is dated only to a year stands in the month in which it starts.
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (start_date) WHERE time_precision = ''YEAR''', version_table || '_dated_to_year', schema_name, version_table);
  -- Of what was published after a moment: which incidents must be folded again for publishedUntil.
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (published_at)', 'report_' || suffix || '_by_publication', schema_name, 'report_' || suffix);
  -- Postings lie in the order of their positions: a block range index finds a range of them at no cost to writing.
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I USING brin (position) WITH (pages_per_range = 16, autosummarize = on)', posting_table || '_by_position', schema_name, posting_table);
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (incident_id)', posting_table || '_by_incident', schema_name, posting_table);
  -- Figures as of a past position are summed from this index alone, in its order, which is that of their groups. Only the
  -- rows of totals, which are a quarter of all: figures by victim status take the narrow index below.
  EXECUTE format($i$CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I
    (boundary, country, month, admin1, measure, part, publisher, position)
    INCLUDE (verification, incident_type, start_date, d_incidents, d_open, d_unknown, d_valued, d_best_valued, d_lo, d_hi,
      d_conservative, d_median, d_max, d_latest, d_best, admin2)
    WHERE measure IN ('INCIDENT', 'FLAG') OR part = 'TOTAL'$i$, posting_table || '_by_figure', schema_name, posting_table);
  EXECUTE format($i$CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (boundary, country, month, admin1, position)
    WHERE part <> 'TOTAL'$i$, posting_table || '_by_part', schema_name, posting_table);
  -- An index alone answers only for pages that a vacuum has seen: new postings are seen soon, at the cost of reading them once.
  EXECUTE format('ALTER TABLE %I.%I SET (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_insert_threshold = 20000)', schema_name, posting_table);
END $$;

CREATE OR REPLACE FUNCTION read_model.drop_tables(schema_name text, suffix text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['report', 'decision', 'record', 'candidate', 'incident_version', 'posting', 'balance', 'moment', 'publisher'] LOOP
    EXECUTE format('DROP TABLE IF EXISTS %I.%I', schema_name, t || '_' || suffix);
  END LOOP;
END $$;

-- Moves the views to generation g. The caller's transaction decides when readers see it.
CREATE OR REPLACE FUNCTION read_model.make_live(g integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['report', 'decision', 'record', 'candidate', 'incident_version', 'posting', 'balance', 'moment', 'publisher'] LOOP
    EXECUTE format('CREATE OR REPLACE VIEW read_model.%1$I AS SELECT * FROM read_model.%2$I', t, t || '_' || g);
  END LOOP;
  UPDATE read_model.generation SET status = 'RETIRED' WHERE status = 'LIVE' AND generation <> g;
  UPDATE read_model.generation SET status = 'LIVE', live_since = clock_timestamp() WHERE generation = g;
END $$;

DO $$
DECLARE
  g integer := (SELECT max(generation) + 1 FROM read_model.generation);
BEGIN
  DELETE FROM read_model.generation;
  PERFORM read_model.create_tables('read_model', g::text, '');
  PERFORM read_model.create_indexes('read_model', g::text);
  INSERT INTO read_model.generation (generation, projection, policy, status, balanced) VALUES (g, 2, 1, 'BUILDING', true);
  PERFORM read_model.make_live(g);
END $$;

RESET ROLE;
