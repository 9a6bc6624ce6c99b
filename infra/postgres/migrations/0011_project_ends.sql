-- breaking: no, because figures of projection 2 are read as before; `ledger rebuild` makes them by projection 3
-- Projection 3 tells which event took a decision back and which one placed incidents, keeps what was withdrawn closed to
-- publications that come late, and takes a retraction back of an incident without reports too. Figures that hold nothing yet
-- will be of it.
SET LOCAL ROLE ledger_projector;

UPDATE read_model.generation SET projection = 3 WHERE position < 0;

RESET ROLE;
