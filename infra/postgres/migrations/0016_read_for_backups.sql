-- breaking: no, because it only adds
-- `ledger backup` has a role of its own: it reads everything that cannot be derived, and neither a key of the vault (that takes
-- ledger_keys beside it) nor figures. Partitions carry no grants of their own: they are read through their parents.
DO $$
DECLARE
  one record;
BEGIN
  -- Roles belong to the cluster, not to the database: another database may have made them already.
  BEGIN
    CREATE ROLE ledger_backup NOLOGIN;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  BEGIN
    GRANT ledger_backup TO CURRENT_USER;
  EXCEPTION WHEN OTHERS THEN NULL; -- already a member, or a superuser who needs no membership
  END;
  FOR one IN
    SELECT c.oid::regclass AS name, c.relkind, n.nspname
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public', 'vault', 'read_model', 'scratch')
       AND c.relkind IN ('r', 'p', 'S') AND NOT c.relispartition
  LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO ledger_backup', one.nspname);
    EXECUTE format('GRANT SELECT ON %s %s TO ledger_backup', CASE one.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, one.name);
  END LOOP;
END $$;
