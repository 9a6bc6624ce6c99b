import type { Difference, ReplayOutcome } from '#app/read-models';
import { EXIT } from '../exit-codes.js';
import { type Output, table } from '../terminal/output.js';

/** The first row in which a live table is not what the log says. */
type FirstDifference = Omit<Difference, 'table'>;

/** What a replay found; as the audit API gives it, or found here from a published log. */
export interface ReplayReport {
  upTo: number;
  /** `live` is null without live figures, `recorded` where the log holds no digest to compare. */
  digests: {
    table: string;
    replayed: string;
    live: string | null;
    recorded: string | null;
    same: boolean;
    firstDifference: FirstDifference | null;
  }[];
  /** The snapshot at the position, when the log holds digests of it. */
  snapshot: { name: string; projection: number; position: number; incomparable: string | null } | null;
  /** What the figures of now are read from; null without live figures. */
  balances: { position: number; same: boolean; firstDifference: FirstDifference | null } | null;
  same: boolean;
}

export function reportOf(outcome: ReplayOutcome, same: boolean): ReplayReport {
  const { upTo, replayed, live, recorded, differing, differences, balances } = outcome;
  const held = recorded?.incomparable === null ? recorded.digests.tables : {};
  return {
    upTo,
    digests: Object.entries(replayed).map(([name, digest]) => ({
      table: name,
      replayed: digest,
      live: live?.[name as keyof typeof live] ?? null,
      recorded: held[name] ?? null,
      same: !differing.some((one) => one === name),
      firstDifference: differences.find((one) => one.table === name) ?? null,
    })),
    snapshot:
      recorded === null
        ? null
        : {
            name: recorded.name,
            projection: recorded.digests.projection,
            position: recorded.digests.position,
            incomparable: recorded.incomparable,
          },
    balances:
      balances === null
        ? null
        : {
            position: balances.position,
            same: balances.kept === balances.summed,
            firstDifference: balances.difference,
          },
    same,
  };
}

/** @returns the exit code */
export function tell(report: ReplayReport, output: Output, json: unknown = report): number {
  output.result(json, [...tableOf(report), ...differencesOf(report), ...verdictsOf(report)]);
  return report.same ? EXIT.ok : EXIT.failed;
}

function tableOf({ digests }: ReplayReport): string[] {
  const hasLive = digests.some(({ live }) => live !== null);
  const hasRecorded = digests.some(({ recorded }) => recorded !== null);
  const verdict = (digest: string | null, replayed: string): string => {
    if (digest === null) return '–';
    return digest === replayed ? 'same' : 'DIFFERS';
  };
  return table(
    ['table', 'replayed', ...(hasLive ? ['live'] : []), ...(hasRecorded ? ['in the log'] : [])],
    digests.map(({ table: name, replayed, live, recorded }) => [
      name,
      replayed,
      ...(hasLive ? [verdict(live, replayed)] : []),
      ...(hasRecorded ? [verdict(recorded, replayed)] : []),
    ]),
  );
}

const KINDS: Record<FirstDifference['kind'], string> = {
  MISSING: 'is missing',
  ADDED: 'is there and does not follow from the log',
  CHANGED: 'is another',
};

function differencesOf({ digests, balances }: ReplayReport): string[] {
  const ofTables = digests.flatMap(({ table: name, firstDifference }) =>
    firstDifference === null ? [] : [`${name}: ${sentenceOf(firstDifference)}`],
  );
  const kept = balances?.firstDifference;
  return kept == null ? ofTables : [...ofTables, `balance, as it is kept: ${sentenceOf(kept)}`];
}

function sentenceOf({ kind, row, columns }: FirstDifference): string {
  const names = Object.entries(row).map(([column, value]) => `${column} ${String(value)}`);
  const where = columns.length === 0 ? '' : ` in ${columns.join(', ')}`;
  return `the first row that differs (${names.join(', ')}) ${KINDS[kind]}${where}`;
}

function verdictsOf(report: ReplayReport): string[] {
  const { upTo, digests, snapshot, balances } = report;
  const isLive = digests.every(({ live, replayed }) => live === null || live === replayed);
  const isRecorded = digests.every(({ recorded, replayed }) => recorded === null || recorded === replayed);
  const lines: string[] = [];
  if (digests.some(({ live }) => live !== null)) {
    lines.push(`The figures as of position ${upTo} ${isLive ? 'are' : 'ARE NOT'} what the log says.`);
  }
  if (balances?.same === false) {
    lines.push(`The kept balances ARE NOT the sum of the postings, as of position ${balances.position}.`);
  }
  if (snapshot !== null && snapshot.incomparable !== null) {
    lines.push(`The digests of ${snapshot.name} in the log cannot be compared: ${snapshot.incomparable}.`);
  } else if (snapshot !== null) {
    const verdict = isRecorded ? 'are' : 'ARE NOT';
    lines.push(
      `The digests of ${snapshot.name} in the log (position ${snapshot.position}) ${verdict} those of its events.`,
    );
  }
  return lines;
}
