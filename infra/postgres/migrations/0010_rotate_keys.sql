-- breaking: no, because it only adds
-- Replacing the keys that open what is sealed while reports come in: the master key, which wraps the keys in the vault, and
-- the key of the pseudonyms. `ledger keys` has a role of its own, which can read what is wrapped and wrap it again, and
-- nothing else: no event, no box, no new key, no deletion.
DO $$
BEGIN
  -- Roles belong to the cluster, not to the database: another database may have made them already.
  BEGIN
    CREATE ROLE ledger_keys NOLOGIN;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  BEGIN
    GRANT ledger_keys TO CURRENT_USER;
  EXCEPTION WHEN OTHERS THEN NULL; -- already a member, or a superuser who needs no membership
  END;
END $$;

SET LOCAL ROLE ledger_owner;

-- The secrets of the log for a transaction that records. The lock is held until the transaction ends; whoever replaces a
-- secret, or the master key that wraps them, takes it alone, so whatever commits after that was written with the new ones.
-- Volatile, so that the read sees what was committed while the lock was waited for.
CREATE FUNCTION vault.hold_secrets() RETURNS TABLE (name text, wrapped bytea) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('vault.secret'));
  RETURN QUERY SELECT s.name, s.wrapped FROM vault.secret s ORDER BY s.name;
END $$;
CREATE FUNCTION vault.hold_secrets_alone() RETURNS void LANGUAGE sql VOLATILE AS
  $$ SELECT pg_advisory_xact_lock(hashtext('vault.secret')) $$;
REVOKE ALL ON FUNCTION vault.hold_secrets(), vault.hold_secrets_alone() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION vault.hold_secrets() TO ledger_ingest;
GRANT EXECUTE ON FUNCTION vault.hold_secrets_alone() TO ledger_keys;
GRANT USAGE ON SCHEMA vault TO ledger_keys;
GRANT SELECT ON vault.key, vault.secret TO ledger_keys;
GRANT UPDATE (wrapped) ON vault.key, vault.secret TO ledger_keys;

-- A sample of every column lies in pg_statistic, where it outlives the row: an erased key must not.
ALTER TABLE vault.key ALTER COLUMN wrapped SET STATISTICS 0;
ALTER TABLE vault.secret ALTER COLUMN wrapped SET STATISTICS 0;
SELECT pg_clear_attribute_stats('vault', name, 'wrapped', false) FROM unnest(ARRAY['key', 'secret']) AS name;

RESET ROLE;
