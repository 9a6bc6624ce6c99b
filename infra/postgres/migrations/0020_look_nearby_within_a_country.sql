-- breaking: no, because figures without the new index are looked around in as before; `ledger rebuild` makes them with it
-- An incident with a coarse place is compared with those of its areas, and an area lies in one country. With the country in the index a
-- day of all other countries is passed over without reading one row of it. New figures get it, and those that hold nothing yet. The
-- function that makes tables stays as it is but for this line of it.
SET LOCAL ROLE ledger_projector;

-- The country of an incident's areas (`iso-3166:IQ`, `iso-3166:IQ-NI` …); '**' where boundary sets do not agree on it: then it is looked
-- for in every country. A code of an area that looks like one of a country makes it '**' at worst.
CREATE FUNCTION read_model.country_of(areas text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  area text;
  country text;
BEGIN
  FOREACH area IN ARRAY areas LOOP
    CONTINUE WHEN left(right(area, 3), 1) <> ':';
    IF country <> right(area, 2) THEN
      RETURN '**';
    END IF;
    country := right(area, 2);
  END LOOP;
  RETURN country;
END $$;

-- Where candidate duplicates are looked for, while a batch is written: by day, within the day by place, coarse ones by country.
CREATE FUNCTION read_model.index_nearby(schema_name text, suffix text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format($i$CREATE INDEX %1$I ON %2$I.%3$I
    (start_date, read_model.cell_of(geo_precision, latitude, longitude), read_model.country_of(areas)) WHERE status = 'ACTIVE'$i$,
    'incident_version_' || suffix || '_nearby', schema_name, 'incident_version_' || suffix);
END $$;

DO $$
DECLARE
  made text := pg_get_functiondef('read_model.create_tables(text, text, text)'::regprocedure);
  g integer;
BEGIN
  IF regexp_count(made, '_nearby') <> 1 THEN
    RAISE EXCEPTION 'read_model.create_tables makes another index than this migration knows';
  END IF;
  EXECUTE regexp_replace(made, '[^\n]*_nearby[^\n]*', '  PERFORM read_model.index_nearby(schema_name, suffix);');
  -- Of tables that hold nothing.
  FOR g IN SELECT generation FROM read_model.generation WHERE position < 0 LOOP
    EXECUTE format('DROP INDEX IF EXISTS read_model.%I', 'incident_version_' || g || '_nearby');
    PERFORM read_model.index_nearby('read_model', g::text);
  END LOOP;
END $$;

RESET ROLE;
