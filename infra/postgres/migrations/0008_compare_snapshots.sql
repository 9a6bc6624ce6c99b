-- breaking: no, because it only adds
-- What a replay finds beside the digests of the tables: the snapshot at its position, with the digests that the log holds,
-- and the kept balances against the postings.

SET LOCAL ROLE ledger_audit;

ALTER TABLE scratch.replay ADD COLUMN snapshot jsonb, ADD COLUMN balances jsonb;

RESET ROLE;
