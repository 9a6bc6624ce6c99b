-- breaking: yes, because programs of before read the words of postings and balances in their tables
-- Open pairs are summed as figures are. Postings and balances name their cells by numbers, whose words stand once in a table beside them. What they say is the
-- same, to the digest: the figures that are there are rewritten here, which takes about as long as their load.

SET LOCAL ROLE ledger_projector;

DROP VIEW read_model.posting, read_model.balance;

CREATE FUNCTION read_model.create_figure_tables(schema_name text, suffix text, kind text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- The words that postings and balances have numbers for. Numbers of this generation: another may have others. By kind, REGION:
  -- boundary set, country, first level; AREA: second level; PUBLISHER; CLASS: incident type, verification; FIGURE: measure,
  -- part. '' = not placed at this level, or nothing more to say. Codes are compared byte by byte (COLLATE "C").
  EXECUTE format($t$CREATE %3$s TABLE %1$I.%2$I (
    code integer PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('REGION', 'AREA', 'PUBLISHER', 'CLASS', 'FIGURE')),
    first text COLLATE "C" NOT NULL,
    second text COLLATE "C" NOT NULL,
    third text COLLATE "C" NOT NULL,
    UNIQUE (kind, first, second, third))$t$, schema_name, 'code_' || suffix, kind);

  -- The journal: signed changes of figures, their cells by code. measure INCIDENT counts incidents, FLAG counts flagged
  -- incidents (part = the flag); the others are the measures (part = TOTAL or a victim status).
  -- The code of a figure is negative where part is a victim status, that of a class where it counts only when asked for by
  -- name, that of a region without a first level: so an index and a sum can tell these apart without knowing any code.
  -- An amount that does not change is NULL, not 0: sums pass over it, and it takes no space and no time.
  EXECUTE format($t$CREATE %3$s TABLE %1$I.%2$I (
    position bigint NOT NULL,
    incident_id uuid NOT NULL,
    month date NOT NULL,
    start_date date NOT NULL,
    region integer NOT NULL,
    area integer NOT NULL,
    publisher integer NOT NULL,
    class integer NOT NULL,
    figure integer NOT NULL,
    d_incidents integer,
    d_open integer,
    d_unknown integer,
    d_valued integer,
    d_best_valued integer,
    d_lo bigint,
    d_hi bigint,
    d_conservative bigint,
    d_median bigint,
    d_max bigint,
    d_latest bigint,
    d_best bigint)$t$, schema_name, 'posting_' || suffix, kind);

  -- The sum of all postings, kept at the coarse grain that "the figure now" asks for; month -infinity holds the sum over
  -- all months, so that a figure of all time is a few rows.
  EXECUTE format($t$CREATE %3$s TABLE %1$I.%2$I (
    region integer NOT NULL,
    month date NOT NULL,
    figure integer NOT NULL,
    publisher integer NOT NULL,
    class integer NOT NULL,
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
    PRIMARY KEY (region, month, figure, publisher, class))
    WITH (fillfactor = 70)$t$, schema_name, 'balance_' || suffix, kind);
  -- In the order of the groups of a figure, and without the victim statuses, which are most of the rows. No sum is in it, so
  -- that only a new balance costs anything.
  EXECUTE format($i$CREATE INDEX %1$I ON %2$I.%3$I (region, month, figure, publisher)
    WHERE figure > 0$i$, 'balance_' || suffix || '_of_totals', schema_name, 'balance_' || suffix);

  -- How many candidates stand now, by what both sides carry and the months in which they begin; months -infinity hold the sum
  -- over all. key is the SHA-256 of the other columns, which can be longer than an index takes.
  EXECUTE format($t$CREATE %3$s TABLE %1$I.%2$I (
    key bytea PRIMARY KEY,
    a_month date NOT NULL,
    b_month date NOT NULL,
    a_publisher text NOT NULL,
    b_publisher text NOT NULL,
    a_areas text[] NOT NULL,
    b_areas text[] NOT NULL,
    pairs integer NOT NULL)$t$, schema_name, 'pair_' || suffix, kind);
  EXECUTE format('CREATE INDEX %1$I ON %2$I.%3$I (a_month)', 'pair_' || suffix || '_by_month', schema_name, 'pair_' || suffix);
END $$;

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

  PERFORM read_model.create_figure_tables(schema_name, suffix, kind);

  -- The last position recorded at each moment: turns a time into a position, and a position into its time.
  EXECUTE format('CREATE %3$s TABLE %1$I.%2$I (recorded_at timestamptz PRIMARY KEY, position bigint NOT NULL UNIQUE)',
    schema_name, 'moment_' || suffix, kind);
  EXECUTE format('CREATE %3$s TABLE %1$I.%2$I (publisher text PRIMARY KEY, first_position bigint NOT NULL)',
    schema_name, 'publisher_' || suffix, kind);
END $$;

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
  -- Which pairs stood shortly before now: those that stand less what came and went since.
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (from_position)', 'candidate_' || suffix || '_by_beginning', schema_name, 'candidate_' || suffix);
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (to_position) WHERE to_position IS NOT NULL', 'candidate_' || suffix || '_by_end', schema_name, 'candidate_' || suffix);
  -- Few, and asked for with every figure by month: what is dated only to a year stands in the month in which it starts.
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (start_date) WHERE time_precision = ''YEAR''', version_table || '_dated_to_year', schema_name, version_table);
  -- Of what was published after a moment: which incidents must be folded again for publishedUntil.
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (published_at)', 'report_' || suffix || '_by_publication', schema_name, 'report_' || suffix);
  -- Postings lie in the order of their positions: a block range index finds a range of them at no cost to writing.
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I USING brin (position) WITH (pages_per_range = 16, autosummarize = on)', posting_table || '_by_position', schema_name, posting_table);
  EXECUTE format('CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (incident_id)', posting_table || '_by_incident', schema_name, posting_table);
  -- Figures as of a past position are summed from this index alone, in its order, which is that of their groups. Only the
  -- rows of totals, which are a third of all: figures by victim status take the narrow index below.
  EXECUTE format($i$CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (region, month, figure, publisher, position)
    INCLUDE (class, start_date, area, d_incidents, d_open, d_unknown, d_valued, d_best_valued, d_lo, d_hi,
      d_conservative, d_median, d_max, d_latest, d_best)
    WHERE figure > 0$i$, posting_table || '_by_figure', schema_name, posting_table);
  EXECUTE format($i$CREATE INDEX IF NOT EXISTS %1$I ON %2$I.%3$I (region, month, position)
    WHERE figure < 0$i$, posting_table || '_by_part', schema_name, posting_table);
  -- An index alone answers only for pages that a vacuum has seen: new postings are seen soon, at the cost of reading them once.
  EXECUTE format('ALTER TABLE %I.%I SET (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_insert_threshold = 20000)', schema_name, posting_table);
END $$;

CREATE OR REPLACE FUNCTION read_model.drop_tables(schema_name text, suffix text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['report', 'decision', 'record', 'candidate', 'incident_version', 'posting', 'balance', 'pair', 'code', 'moment', 'publisher'] LOOP
    EXECUTE format('DROP TABLE IF EXISTS %I.%I', schema_name, t || '_' || suffix);
  END LOOP;
END $$;

-- Moves the views to generation g. The caller's transaction decides when readers see it. Those of postings and balances
-- show words in place of codes.
CREATE OR REPLACE FUNCTION read_model.make_live(g integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t text;
  words text := 'u.first AS publisher, r.first AS boundary, r.second AS country, r.third AS admin1';
  named text := 'c.first AS incident_type, c.second AS verification, f.first AS measure, f.second AS part';
  joined text := format('JOIN read_model.%1$I r ON r.code = p.region JOIN read_model.%1$I u ON u.code = p.publisher
    JOIN read_model.%1$I c ON c.code = p.class JOIN read_model.%1$I f ON f.code = p.figure', 'code_' || g);
BEGIN
  FOREACH t IN ARRAY ARRAY['report', 'decision', 'record', 'candidate', 'incident_version', 'moment', 'publisher'] LOOP
    EXECUTE format('CREATE OR REPLACE VIEW read_model.%1$I AS SELECT * FROM read_model.%2$I', t, t || '_' || g);
  END LOOP;
  EXECUTE format('CREATE OR REPLACE VIEW read_model.posting AS
    SELECT p.position, p.incident_id, p.month, p.start_date, %1$s, a.first AS admin2, %2$s, p.d_incidents, p.d_open, p.d_unknown,
           p.d_valued, p.d_best_valued, p.d_lo, p.d_hi, p.d_conservative, p.d_median, p.d_max, p.d_latest, p.d_best
      FROM read_model.%3$I p %4$s JOIN read_model.%5$I a ON a.code = p.area', words, named, 'posting_' || g, joined, 'code_' || g);
  EXECUTE format('CREATE OR REPLACE VIEW read_model.balance AS
    SELECT p.month, %1$s, %2$s, p.incidents, p.lo, p.hi, p.open, p.unknown, p.conservative, p.median, p.max, p.latest, p.valued,
           p.best, p.best_valued
      FROM read_model.%3$I p %4$s', words, named, 'balance_' || g, joined);
  UPDATE read_model.generation SET status = 'RETIRED' WHERE status = 'LIVE' AND generation <> g;
  UPDATE read_model.generation SET status = 'LIVE', live_since = clock_timestamp() WHERE generation = g;
END $$;

-- Rewrites the live figures; the retired ones, and those of an interrupted rebuild, which begins again, are dropped.
DO $$
DECLARE
  g integer;
  old_index regclass;
  codes text := $c$JOIN code r ON (r.kind, r.first, r.second, r.third) = ('REGION', p.boundary, p.country, p.admin1)
    JOIN code u ON (u.kind, u.first, u.second, u.third) = ('PUBLISHER', p.publisher, '', '')
    JOIN code c ON (c.kind, c.first, c.second, c.third) = ('CLASS', p.incident_type, p.verification, '')
    JOIN code f ON (f.kind, f.first, f.second, f.third) = ('FIGURE', p.measure, p.part, '')$c$;
BEGIN
  PERFORM read_model.drop_generation(generation) FROM read_model.generation WHERE status <> 'LIVE';
  SELECT generation INTO STRICT g FROM read_model.generation;
  EXECUTE format('ALTER TABLE read_model.%I RENAME TO posting_by_words', 'posting_' || g);
  EXECUTE format('ALTER TABLE read_model.%I RENAME TO balance_by_words', 'balance_' || g);
  -- The new indexes have their names.
  EXECUTE format('ALTER TABLE read_model.balance_by_words DROP CONSTRAINT %I', 'balance_' || g || '_pkey');
  FOR old_index IN SELECT indexrelid FROM pg_index
    WHERE indrelid IN ('read_model.posting_by_words'::regclass, 'read_model.balance_by_words'::regclass) LOOP
    EXECUTE format('DROP INDEX %s', old_index);
  END LOOP;
  PERFORM read_model.create_figure_tables('read_model', g::text, '');
  EXECUTE format($i$
    INSERT INTO read_model.%I (code, kind, first, second, third)
    SELECT CASE WHEN is_apart THEN -1 ELSE 1 END * row_number() OVER (), kind, first, second, third
      FROM (SELECT 'REGION' AS kind, boundary AS first, country AS second, admin1 AS third, admin1 = '' AS is_apart FROM read_model.posting_by_words
            UNION SELECT 'AREA', admin2, '', '', false FROM read_model.posting_by_words
            UNION SELECT 'PUBLISHER', publisher, '', '', false FROM read_model.posting_by_words
            UNION SELECT 'CLASS', incident_type, verification, '', verification IN ('DISCOUNTED', 'RETRACTED') FROM read_model.posting_by_words
            UNION SELECT 'FIGURE', measure, part, '', measure NOT IN ('INCIDENT', 'FLAG') AND part <> 'TOTAL' FROM read_model.posting_by_words) AS w
    $i$, 'code_' || g);
  EXECUTE format('ANALYZE read_model.%I', 'code_' || g);
  -- In their order, which is that of the positions.
  EXECUTE format($i$
    WITH code AS (SELECT * FROM read_model.%1$I)
    INSERT INTO read_model.%2$I (position, incident_id, month, start_date, region, area, publisher, class, figure, d_incidents,
           d_open, d_unknown, d_valued, d_best_valued, d_lo, d_hi, d_conservative, d_median, d_max, d_latest, d_best)
    SELECT p.position, p.incident_id, p.month, p.start_date, r.code, a.code, u.code, c.code, f.code, p.d_incidents, p.d_open,
           p.d_unknown, p.d_valued, p.d_best_valued, p.d_lo, p.d_hi, p.d_conservative, p.d_median, p.d_max, p.d_latest, p.d_best
      FROM read_model.posting_by_words p %3$s
      JOIN code a ON (a.kind, a.first, a.second, a.third) = ('AREA', p.admin2, '', '')
     ORDER BY p.position
    $i$, 'code_' || g, 'posting_' || g, codes);
  EXECUTE format($i$
    WITH code AS (SELECT * FROM read_model.%1$I)
    INSERT INTO read_model.%2$I (region, month, figure, publisher, class, incidents, lo, hi, open, unknown, conservative, median,
           max, latest, valued, best, best_valued)
    SELECT r.code, p.month, f.code, u.code, c.code, p.incidents, p.lo, p.hi, p.open, p.unknown, p.conservative, p.median, p.max,
           p.latest, p.valued, p.best, p.best_valued
      FROM read_model.balance_by_words p %3$s
     ORDER BY 1, 2, 3, 4, 5
    $i$, 'code_' || g, 'balance_' || g, codes);
  DROP TABLE read_model.posting_by_words, read_model.balance_by_words;
  EXECUTE format($i$
    INSERT INTO read_model.%2$I (key, a_month, b_month, a_publisher, b_publisher, a_areas, b_areas, pairs)
    SELECT sha256(record_send(p)), p.*, n
      FROM (SELECT m.a_month, m.b_month, a_publisher, b_publisher, a_areas, b_areas, count(*) AS n
              FROM read_model.%1$I
             CROSS JOIN LATERAL (VALUES (date_trunc('month', a_start_date::timestamp)::date, date_trunc('month', b_start_date::timestamp)::date), ('-infinity', '-infinity')) AS m (a_month, b_month)
             WHERE to_position IS NULL GROUP BY 1, 2, 3, 4, 5, 6) AS x
     CROSS JOIN LATERAL (SELECT a_month, b_month, a_publisher, b_publisher, a_areas, b_areas) AS p
    $i$, 'candidate_' || g, 'pair_' || g);
  PERFORM read_model.create_indexes('read_model', g::text);
  EXECUTE format('ANALYZE read_model.%I, read_model.%I, read_model.%I', 'posting_' || g, 'balance_' || g, 'pair_' || g);
  PERFORM read_model.make_live(g);
END $$;

RESET ROLE;
