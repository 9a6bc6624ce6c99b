import { sampleFiles, sampleMessages } from './samples.js';

interface Sums {
  lo: number;
  hi: number | null;
  hiKnown: number;
  openIncidents: number;
  unknownIncidents: number;
  silentIncidents: number;
}

interface Figures {
  incidents: number;
  measures: Record<string, Sums>;
}

interface Casualties {
  data: (Figures & { group: { incidentType?: string } })[];
  total: Figures;
  asOf: { position: number };
}

interface Interval {
  lo: number | null;
  hi: number | null;
}

interface Reconciliation {
  data: {
    indicator: string;
    official: Interval;
    recorded: { together: Interval };
    residual: Interval;
  }[];
}

const SHOWN = ['KILLED', 'INJURED', 'CASUALTIES_UNSPECIFIED'];
const HEAD = ['', 'measure', 'incidents', 'at least', 'at most', 'known part', 'open', 'unknown', 'silent'];

/** The figures of the sample scenario as query-api answers them, with the address to ask for them again. */
export async function printFigures(queryUrl: string, say: (text: string) => void): Promise<void> {
  const [publisher = ''] = new Set(
    sampleFiles()
      .flatMap(sampleMessages)
      .map(({ source }) => source),
  );
  const parameters = new URLSearchParams({
    region: 'IQ',
    from: '2018-10-01',
    to: '2018-11-30',
    publisher,
    groupBy: 'incidentType',
  });
  const url = `${queryUrl}/v1/casualties?${parameters.toString()}`;
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
  const { data, total, asOf } = (await answer.json()) as Casualties;
  say('');
  say(`Sample scenario: Iraq, October and November 2018, as of position ${asOf.position}`);
  const rows = [...data.flatMap((group) => rowsOf(group.group.incidentType ?? '', group)), ...rowsOf('total', total)];
  for (const line of table([HEAD, ...rows])) say(`  ${line}`);
  say(
    `  "open": nobody knows an upper bound; "unknown": somebody was hurt, nobody says how many; "silent": nobody speaks of it.`,
  );
  say(`  ${url}`);
  await printOfficial(queryUrl, publisher, say);
}

/** What an official body says of the same month, beside what is recorded: neither is altered to fit the other. */
async function printOfficial(queryUrl: string, publisher: string, say: (text: string) => void): Promise<void> {
  const parameters = new URLSearchParams({ series: 'unami-civilian-casualties', period: '2018-10', publisher });
  const url = `${queryUrl}/v1/reconciliation?${parameters.toString()}`;
  const answer = await fetch(url);
  if (!answer.ok) return; // started without samples, or the series was withdrawn since
  const { data } = (await answer.json()) as Reconciliation;
  say('');
  say('Civilians in October 2018 as UNAMI counted them, beside the incidents above');
  for (const { indicator, official, recorded, residual } of data) {
    const sides = `UNAMI ${interval(official)}, recorded ${interval(recorded.together)}, difference ${interval(residual)}`;
    say(`  ${indicator.padEnd(8)} ${sides}`);
  }
  say(`  ${url}`);
}

function interval({ lo, hi }: Interval): string {
  return lo === hi ? String(lo) : `${lo ?? 'open'}…${hi ?? 'open'}`;
}

/** One row per measure that anybody speaks of; the first one carries the name. */
function rowsOf(name: string, figures: Figures): string[][] {
  return SHOWN.flatMap((measure) => {
    const sums = figures.measures[measure];
    return sums && sums.silentIncidents < figures.incidents ? [{ measure, sums }] : [];
  }).map(({ measure, sums }, i) => [
    i === 0 ? name : '',
    measure,
    i === 0 ? String(figures.incidents) : '',
    String(sums.lo),
    sums.hi === null ? 'open' : String(sums.hi),
    String(sums.hiKnown),
    String(sums.openIncidents),
    String(sums.unknownIncidents),
    String(sums.silentIncidents),
  ]);
}

function table(rows: readonly string[][]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
