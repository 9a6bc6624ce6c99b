-- breaking: no, because it only adds
-- How far the relay has handed the log on to Kafka. Like every app it has a role and a schema of its own: it reads the log
-- and writes nothing but its checkpoint.
DO $$
BEGIN
  -- Roles belong to the cluster, not to the database: another database may have made them already.
  BEGIN
    CREATE ROLE ledger_relay NOLOGIN;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  BEGIN
    GRANT ledger_relay TO CURRENT_USER;
  EXCEPTION WHEN OTHERS THEN NULL; -- already a member, or a superuser who needs no membership
  END;
END $$;

CREATE SCHEMA relay AUTHORIZATION ledger_relay;

SET LOCAL ROLE ledger_owner;
GRANT USAGE ON SCHEMA ledger TO ledger_relay;
GRANT SELECT ON ledger.head, ledger.event, ledger.event_stream, ledger.kafka_cursor, ledger.delivery, ledger.report_home,
  ledger.duplicate, ledger.sealed, ledger.rejection, ledger.rejection_resolution TO ledger_relay;

SET LOCAL ROLE ledger_relay;
-- One row per log, cluster and topic: another cluster gets the whole log from its beginning.
-- fillfactor keeps its updates on one page.
CREATE TABLE relay.checkpoint (
  log_id smallint NOT NULL,
  cluster text NOT NULL,
  topic text NOT NULL,
  -- The last position that Kafka has acknowledged, with all before it; -1 for none.
  position bigint NOT NULL CHECK (position >= -1),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (log_id, cluster, topic)
) WITH (fillfactor = 10);

RESET ROLE;
