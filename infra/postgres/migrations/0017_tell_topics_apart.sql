-- breaking: no, because it only adds
-- Which topic a cursor counts the offsets of: the id that Kafka gave it. One that was made anew under the same name has another
-- id, and its offsets are other messages, so it gets another cursor; the one before leaves its group (consumer_group becomes
-- '<group>#<cursor_id>') and stays, since events, duplicates and rejections name it. Null: read by a version that did not ask, or of
-- a broker that does not tell.
SET LOCAL ROLE ledger_owner;

ALTER TABLE ledger.kafka_cursor ADD COLUMN topic_id text;
GRANT UPDATE (consumer_group, topic_id) ON ledger.kafka_cursor TO ledger_ingest;

RESET ROLE;
