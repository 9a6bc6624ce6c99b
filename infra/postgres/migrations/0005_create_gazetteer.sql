-- breaking: no, because it only adds
-- Boundary sets that were imported. The built-in one (iso-3166) is code and has no rows here. A set is a version of its
-- content: an import that changes anything adds a version, and what was activated can be loaded for ever by name and sha256.

DO $$
BEGIN
  -- Roles belong to the cluster: another database may have made it already, or may be making it right now.
  BEGIN
    CREATE ROLE ledger_gazetteer NOLOGIN;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  BEGIN
    GRANT ledger_gazetteer TO CURRENT_USER;
  EXCEPTION WHEN OTHERS THEN NULL; -- already a member, or a superuser who needs no membership
  END;
END $$;

CREATE SCHEMA gazetteer AUTHORIZATION ledger_owner;
SET LOCAL ROLE ledger_owner;

CREATE TABLE gazetteer.boundary_set (
  set_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL CONSTRAINT boundary_set_name CHECK (name ~ '^[a-z][a-z0-9-]{1,39}$'),
  -- SHA-256 of the RFC 8785 form of the areas with their shapes, hex.
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  derived_from text,
  valid_from date,
  valid_to date,
  imported_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX boundary_set_by_name ON gazetteer.boundary_set (name, set_id);

-- Polygons, once for all versions and sets that have them. encoded: libs/geography/src/shapes.ts.
CREATE TABLE gazetteer.shape (
  sha256 text PRIMARY KEY,
  encoded text NOT NULL
);

CREATE TABLE gazetteer.area (
  set_id integer NOT NULL REFERENCES gazetteer.boundary_set,
  code text COLLATE "C" NOT NULL,
  level text NOT NULL CHECK (level IN ('COUNTRY', 'GROUP', 'ADMIN1', 'ADMIN2', 'ADMIN3')),
  parent text,
  country text NOT NULL,
  name text NOT NULL,
  names text[] NOT NULL,
  codes jsonb NOT NULL,
  claims jsonb NOT NULL,
  valid_from date,
  valid_to date,
  shape text REFERENCES gazetteer.shape,
  PRIMARY KEY (set_id, code)
);

-- Which boundary sets are active, for a transaction that places: the position of the last activation. The lock is held
-- until the transaction ends; an activation takes it alone (gazetteer.hold_for_activation), so whatever commits after an
-- activation was placed by it. Volatile, so that the read sees what was committed while the lock was waited for.
CREATE FUNCTION gazetteer.hold_active(of_log smallint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('gazetteer.active'));
  RETURN (SELECT max(e.position) FROM ledger.event e WHERE e.log_id = of_log AND e.type = 'BoundarySetActivated');
END $$;
CREATE FUNCTION gazetteer.hold_for_activation() RETURNS void LANGUAGE sql VOLATILE AS
  $$ SELECT pg_advisory_xact_lock(hashtext('gazetteer.active')) $$;
REVOKE ALL ON FUNCTION gazetteer.hold_active(smallint), gazetteer.hold_for_activation() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION gazetteer.hold_active(smallint), gazetteer.hold_for_activation() TO ledger_ingest;
GRANT USAGE ON SCHEMA gazetteer TO ledger_gazetteer, ledger_ingest, ledger_query;
GRANT SELECT, INSERT ON gazetteer.boundary_set, gazetteer.shape, gazetteer.area TO ledger_gazetteer;
GRANT SELECT ON gazetteer.boundary_set, gazetteer.shape, gazetteer.area TO ledger_ingest;
GRANT SELECT ON gazetteer.boundary_set, gazetteer.area TO ledger_query;

RESET ROLE;
