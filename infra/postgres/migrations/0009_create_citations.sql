-- breaking: no, because it only adds
-- What readers have cited: an answer, word for word, with what it answers and the checkpoint that covers its position. Stored
-- and never computed again, so that it is the same after any change of the figures' tables or of the code. The table belongs
-- to the owner: query-api adds rows, which is the one thing that it may write (docs/adr), and nobody changes one.
CREATE SCHEMA citation AUTHORIZATION ledger_owner;

SET LOCAL ROLE ledger_owner;

CREATE TABLE citation.citation (
  -- base64url of the first 16 bytes of SHA-256(commitment).
  citation_id text COLLATE "C" PRIMARY KEY CHECK (citation_id ~ '^[A-Za-z0-9_-]{22}$'),
  -- RFC 8785 text: the query, the state that it was answered at, and the SHA-256 of the answer. docs/citations.md.
  commitment text NOT NULL,
  -- The answer, as readers got it.
  result bytea NOT NULL CONSTRAINT citation_result_is_bounded CHECK (octet_length(result) <= 1048576),
  -- The first signed checkpoint (C2SP signed note) that covers the position.
  checkpoint text NOT NULL,
  cited_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp())
);

CREATE FUNCTION citation.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a citation stays: % refused', TG_OP USING ERRCODE = 'restrict_violation', HINT = 'Cite again.';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON citation.citation
  FOR EACH ROW EXECUTE FUNCTION citation.refuse_change();
ALTER TABLE citation.citation ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON citation.citation
  FOR EACH STATEMENT EXECUTE FUNCTION citation.refuse_change();
ALTER TABLE citation.citation ENABLE ALWAYS TRIGGER no_truncate;

GRANT USAGE ON SCHEMA citation TO ledger_query;
GRANT SELECT, INSERT ON citation.citation TO ledger_query;

RESET ROLE;
