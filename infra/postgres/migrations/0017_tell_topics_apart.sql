-- breaking: no, because it only adds
-- Which log a cursor counts the offsets of: the id that Kafka gave its topic, and the epoch of the leader when it was last looked at. A
-- topic that was made anew under the same name has another id, one that was cut off goes on under another epoch, and their offsets are
-- other messages. Such a log gets another cursor; the one before leaves its group (consumer_group becomes '<group>#<cursor_id>') and stays,
-- since events, duplicates and rejections name it. Null: read by a version that did not ask, or of a broker that does not tell.
SET LOCAL ROLE ledger_owner;

ALTER TABLE ledger.kafka_cursor ADD COLUMN topic_id text, ADD COLUMN leader_epoch integer;
GRANT UPDATE (consumer_group, topic_id, leader_epoch) ON ledger.kafka_cursor TO ledger_ingest;

RESET ROLE;
