import type { LoadedFigures } from './reading-load.js';
import type { ReadingResult } from './reading-measure.js';

export interface Asked extends ReadingResult {
  /** Of the 99th percentile; null: none is set. */
  targetMs: number | null;
  /** The target is of the whole answer, not of the database alone. */
  isClient: boolean;
}

export interface TableSize {
  name: string;
  MiB: number;
}

export interface Measured {
  incidents: number;
  countries: number;
  loaded: LoadedFigures;
  asked: Asked[];
  /** Tables and indexes, the largest first. */
  sizes: TableSize[];
}

/** Markdown: one table for each set of incidents, with what it took to load and what it takes on disk. */
export function renderReading(measured: readonly Measured[]): string {
  return measured.map(renderOne).join('\n\n');
}

function renderOne({ incidents, countries, loaded, asked, sizes }: Measured): string {
  const place = countries === 1 ? 'in one country' : `in ${countries} countries`;
  const { events, indexes, balances } = loaded.seconds;
  const rows = asked.map(
    ({ what, databaseMs, clientMs, cpuMs, firstMs, targetMs, isClient }) =>
      `| ${what} | ${databaseMs.p50} / ${databaseMs.p99} ms | ${clientMs.p50} / ${clientMs.p99} ms | ${cpuMs} ms | ${firstMs} ms | ${
        targetMs === null ? '' : `${isClient ? 'client' : 'database'} p99 ≤ ${targetMs} ms`
      } | ${targetMs === null ? '' : (isClient ? clientMs : databaseMs).p99 <= targetMs ? 'yes' : 'NO'} |`,
  );
  const largest = sizes.map(({ name, MiB }) => `${name} ${Math.round(MiB)}`).join(', ');
  return [
    `${incidents.toLocaleString('en')} incidents ${place} (${(loaded.head + 1).toLocaleString('en')} events; loaded in ${events} s, indexes ${indexes} s, balances ${balances} s):`,
    '',
    '| what | database p50 / p99 | client p50 / p99 | CPU of the server, mean | first | target | met |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    ...(largest === '' ? [] : ['', `MiB: ${largest}.`]),
  ].join('\n');
}
