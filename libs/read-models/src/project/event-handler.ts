import type { BatchRows } from './batch-rows.js';
import type { IncidentStates } from './incident-states.js';
import type { ProjectionEvent } from './projection-event.js';
import type { RecordStates } from './record-states.js';

/** How the events of one type become rows. event-handlers.ts says which handler takes which type. */
export interface EventHandler {
  /** What must be in memory before `fold`. */
  needs: (event: ProjectionEvent) => Needs;
  /** Turns the event into rows. Reads and changes nothing but `batch`; what it throws stops the projection. */
  fold: (event: ProjectionEvent, batch: Batch) => void;
}

export interface Needs {
  /** With all that hangs together with them through merges and splits. */
  incidents?: readonly string[];
  /** An incident that begins with this event: there is nothing to load. */
  begins?: string;
  /** Streams whose records stand beside the incidents. */
  records?: readonly string[];
}

/** What is known before an event, and where its rows go. */
export interface Batch {
  states: IncidentStates;
  records: RecordStates;
  rows: BatchRows;
}
