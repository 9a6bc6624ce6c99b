-- breaking: no, because figures of projection 3 are read as before; `ledger rebuild` makes them by projection 4
-- Projection 4 keeps a publication that was recorded after a newer one, in a row that begins and ends at once, and what was withdrawn
-- closed to older ones for good, and tells how far each IncidentsPlaced has come. Figures that hold nothing yet will be of it.
SET LOCAL ROLE ledger_projector;

UPDATE read_model.generation SET projection = 4 WHERE position < 0;

RESET ROLE;
