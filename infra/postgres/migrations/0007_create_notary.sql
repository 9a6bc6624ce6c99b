-- breaking: no, because it only adds
-- What the notary has signed. It reads the log and writes nothing but this. The tables belong to the owner, since a
-- checkpoint that was signed stays for ever: the notary adds rows, and to a row only cosignatures and when it was published.
DO $$
BEGIN
  -- Roles belong to the cluster, not to the database: another database may have made them already.
  BEGIN
    CREATE ROLE ledger_notary NOLOGIN;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  BEGIN
    GRANT ledger_notary TO CURRENT_USER;
  EXCEPTION WHEN OTHERS THEN NULL; -- already a member, or a superuser who needs no membership
  END;
END $$;

CREATE SCHEMA notary AUTHORIZATION ledger_owner;

SET LOCAL ROLE ledger_owner;
GRANT USAGE ON SCHEMA ledger TO ledger_notary;
GRANT SELECT ON ledger.head, ledger.event, ledger.event_stream, ledger.kafka_cursor, ledger.delivery, ledger.report_home,
  ledger.duplicate, ledger.sealed, ledger.rejection, ledger.rejection_resolution TO ledger_notary;

-- Every checkpoint ever signed: one root for a size, never a second one.
CREATE TABLE notary.checkpoint (
  log_id smallint NOT NULL,
  -- Leaves under it: the positions before `size`.
  size bigint NOT NULL CHECK (size > 0),
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  -- The signed note (C2SP tlog-checkpoint), verbatim, with the cosignatures that it has so far.
  note text NOT NULL,
  signed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- When the checkpoint file first held it; null: never, because a later one came first or the notary was killed.
  published_at timestamptz,
  PRIMARY KEY (log_id, size)
);

-- What the public needs to check the log; it is not secret. Written by the notary when it starts.
CREATE TABLE notary.identity (
  log_id smallint PRIMARY KEY,
  -- Public keys of the log, one verifier key a line (C2SP signed-note).
  vkeys text NOT NULL,
  -- C2SP tlog-policy, with the log's own lines.
  policy text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Sizes ascend, and a row stays what was signed.
CREATE FUNCTION notary.keep_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF EXISTS (SELECT FROM notary.checkpoint c WHERE c.log_id = NEW.log_id AND c.size >= NEW.size) THEN
      RAISE EXCEPTION 'a checkpoint of % leaves or more was signed before', NEW.size USING ERRCODE = 'restrict_violation';
    END IF;
  ELSIF TG_OP = 'DELETE' OR NEW.log_id <> OLD.log_id OR NEW.size <> OLD.size OR NEW.root <> OLD.root OR NEW.signed_at <> OLD.signed_at THEN
    RAISE EXCEPTION 'a signed checkpoint stays: % refused', TG_OP USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER signed_for_ever BEFORE INSERT OR UPDATE OR DELETE ON notary.checkpoint
  FOR EACH ROW EXECUTE FUNCTION notary.keep_signed();
ALTER TABLE notary.checkpoint ENABLE ALWAYS TRIGGER signed_for_ever;
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON notary.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE notary.checkpoint ENABLE ALWAYS TRIGGER no_truncate;

GRANT USAGE ON SCHEMA notary TO ledger_notary, ledger_audit, ledger_query;
GRANT SELECT ON notary.checkpoint, notary.identity TO ledger_notary, ledger_audit, ledger_query;
GRANT INSERT, UPDATE (note, published_at) ON notary.checkpoint TO ledger_notary;
GRANT INSERT, UPDATE ON notary.identity TO ledger_notary;

RESET ROLE;
