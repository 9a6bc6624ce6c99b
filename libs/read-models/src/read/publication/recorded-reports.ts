import type { ReportState } from '#app/domain';
import { newestOf, ofEvents, ofOneEvent, type ReportRow, toReportState } from './recorded-rows.js';

/** The reports of one incident as of one position after another: each is made once, however many positions count it. */
export class RecordedReports {
  readonly #recorded: readonly number[];
  readonly #made = new WeakMap<ReportRow, ReportState>();
  readonly #placedAgain = new Map<string, ReportRow>();
  /** By how many rows were recorded: each row adds to those before it. */
  readonly #asOf = new Map<number, readonly ReportState[]>();

  constructor(private readonly rows: readonly ReportRow[]) {
    this.#recorded = rows.map((row) => Number(row.from_position));
  }

  at(position: number): readonly ReportState[] {
    const rows = this.rows.filter((_, index) => (this.#recorded[index] ?? 0) <= position);
    const known = this.#asOf.get(rows.length);
    if (known !== undefined) return known;
    const states = newestOf(ofEvents(rows, (ofOne) => this.#ofOneEvent(ofOne))).map((row) => this.#stateOf(row));
    this.#asOf.set(rows.length, states);
    // A change is told by the position before it and its own: more would only fill the memory.
    for (const oldest of this.#asOf.keys()) if (this.#asOf.size > 2) this.#asOf.delete(oldest);
    return states;
  }

  #ofOneEvent(rows: readonly [ReportRow, ...ReportRow[]]): ReportRow {
    const name = `${rows[0].event_id} ${rows.length}`;
    const row = this.#placedAgain.get(name) ?? ofOneEvent(rows);
    this.#placedAgain.set(name, row);
    return row;
  }

  #stateOf(row: ReportRow): ReportState {
    const state = this.#made.get(row) ?? toReportState(row);
    this.#made.set(row, state);
    return state;
  }
}
