-- breaking: no, because it only adds
-- What auditors asked to have refolded. The tables of a running replay live beside it in schema scratch and are dropped
-- when it ends; this row stays.
SET LOCAL ROLE ledger_audit;

CREATE TABLE scratch.replay (
  replay_id uuid PRIMARY KEY,
  up_to bigint NOT NULL,
  status text NOT NULL CHECK (status IN ('RUNNING', 'DONE', 'FAILED')),
  events_done bigint NOT NULL DEFAULT 0,
  events_total bigint NOT NULL,
  digests jsonb,
  error text,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz
);
CREATE UNIQUE INDEX replay_one_at_a_time ON scratch.replay ((true)) WHERE status = 'RUNNING';

RESET ROLE;
