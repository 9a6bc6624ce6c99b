import type { PreparedEvent } from '#app/log';
import { IncidentStory, type ToldReport } from './incident-story.js';

/** Ingest records a revision of a report once. */
export class DistinctRevisions extends IncidentStory {
  readonly #told = new Set<string>();

  override report(told: ToldReport): PreparedEvent {
    let { revision = 1 } = told;
    while (this.#told.has(`${told.reportId} ${revision}`)) revision = (revision * 7 + 1) % 101;
    this.#told.add(`${told.reportId} ${revision}`);
    return super.report({ ...told, revision });
  }
}
