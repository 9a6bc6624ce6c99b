import { TYPES } from '#app/contract';
import type { Placement, PublicReport, Report } from '#app/domain';
import { BOUNDARY_SET } from '#app/geography';
import { incidentIdOf } from '#app/log';
import { IncidentMaker } from './reading-incidents.js';
import { inOrder } from './reading-load.js';

/** What a log is grown of: alike but for their names and months, so that figures of one are figures of all. */
export const BLOCKS = 12;
const COUNTRIES = 20;
/** As the maker gives them. */
const REPORTS_AN_INCIDENT = 1.3;
/** Of victims, with the totals: fewer rows than of a publisher who tells all of them apart. */
const isTold = (status: string | null | undefined): boolean => status === undefined || status === 'CIVILIAN';

export interface GrownReport {
  stream: string;
  /** 1 for the first report of its incident. */
  streamVersion: number;
  ceSource: string;
  ceId: string;
  report: Report;
  placements: Record<string, Placement>;
  /** The message as it would have come. */
  value: Buffer;
}

/** A seeded world of so many reports, the same on every machine: every report by its number alone. */
export class GrownWorld {
  readonly #maker = new IncidentMaker(COUNTRIES);
  readonly #incidents: Int32Array;
  readonly #versions: Uint8Array;
  /** Reports of one block. */
  readonly blockSize: number;

  /** @param events about so many; `size` says how many exactly */
  constructor(events: number) {
    const incidents = Math.max(1, Math.round(events / BLOCKS / REPORTS_AN_INCIDENT));
    const seen = new Uint8Array(incidents);
    const order = [...inOrder(incidents, this.#maker)].map(({ index }) => index);
    this.#incidents = Int32Array.from(order);
    this.#versions = Uint8Array.from(order, (index) => (seen[index] = (seen[index] ?? 0) + 1));
    this.blockSize = order.length;
  }

  get size(): number {
    return BLOCKS * this.blockSize;
  }

  get countries(): readonly string[] {
    return this.#maker.countries;
  }

  /** @param n from 0 to `size` - 1 */
  report(n: number): GrownReport {
    const block = Math.floor(n / this.blockSize);
    const at = n % this.blockSize;
    const streamVersion = this.#versions[at] as number;
    const { ceSource, data } = this.#maker.report(this.#incidents[at] as number, streamVersion);
    const report: Report = { ...inBlock(data.report, block), ...(n % 2 === 0 ? {} : open(n)) };
    const ceId = `grown-${n}`;
    const event = { specversion: '1.0', id: ceId, source: ceSource, type: TYPES.REPORT, data: report };
    return {
      stream: incidentIdOf(ceSource, report.incident.ref as string),
      streamVersion,
      ceSource,
      ceId,
      report,
      placements: { [BOUNDARY_SET]: data.placements[BOUNDARY_SET] as Placement },
      value: Buffer.from(JSON.stringify(event)),
    };
  }
}

/** What an incident of the first block is called in another one. */
export const refInBlock = (ref: string, block: number): string => (block === 0 ? ref : `${ref}.${block}`);

function inBlock(report: PublicReport, block: number): PublicReport {
  const { occurred, incident, reportId, publishedAt, casualties, place } = report;
  const [start, end] = [occurred.start, occurred.end].map((day) =>
    occurred.precision === 'YEAR' ? day : inMonthOf(day, block),
  ) as [string, string];
  const later = Date.parse(end) - Date.parse(occurred.end);
  const { country, latitude, longitude, precision } = place;
  return {
    ...report,
    actors: [],
    casualties: (casualties ?? []).filter(({ measure, status }) => measure === 'KILLED' && isTold(status)),
    incident: { ref: refInBlock(incident.ref as string, block) },
    occurred: { ...occurred, start, end },
    place: { country, latitude, longitude, precision },
    publishedAt: new Date(Date.parse(publishedAt) + later).toISOString(),
    reportId: refInBlock(reportId, block),
  };
}

/** The same day of another month of its year; the maker knows no day after the 28th but of a whole year. */
function inMonthOf(day: string, block: number): string {
  const month = 1 + ((Number(day.slice(5, 7)) - 1 + block) % 12);
  return `${day.slice(0, 5)}${String(month).padStart(2, '0')}${day.slice(7)}`;
}

/** The same in SQL, of a column. */
export const monthOfBlock = (column: string, block: number): string =>
  `make_date(extract(year FROM ${column})::integer, 1 + (extract(month FROM ${column})::integer - 1 + ${block}) % 12, extract(day FROM ${column})::integer)`;

/** Every second report has a committed value, as those of `reports.ts`. */
function open(n: number): Pick<Report, 'summary'> {
  return { summary: `A vehicle of the ${n % 90}th brigade was hit on its way to the market.` };
}
