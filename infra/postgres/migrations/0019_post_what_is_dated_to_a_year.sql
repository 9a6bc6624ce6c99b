-- breaking: no, because figures of projection 4 are read as before; `ledger rebuild` makes them by projection 5
-- Projection 5 posts which incidents are dated only to a year, so no index of versions is asked for them any more: new figures get none,
-- and those that are live lose theirs with the next rebuild. Figures that hold nothing yet will be of it.
SET LOCAL ROLE ledger_projector;

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

DO $$
DECLARE
  g integer;
BEGIN
  FOR g IN UPDATE read_model.generation SET projection = 5 WHERE position < 0 RETURNING generation LOOP
    EXECUTE format('DROP INDEX IF EXISTS read_model.%I', 'incident_version_' || g || '_dated_to_year');
  END LOOP;
END $$;

RESET ROLE;
