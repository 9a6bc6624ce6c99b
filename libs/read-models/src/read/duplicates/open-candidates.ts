import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { BALANCES_STAND_AT } from '../figures/figure-cells.sql.js';
import { isOfWholeMonths } from '../figures/figure-source.js';
import { asksForDetails, countingConditions, type IncidentFilter } from '../incidents/incident-filter.js';
import type { Publication } from '../publication/publication.js';
import { SqlParameters } from '../sql-parameters.js';
import { carriedPairsByPublishers, pairsByPublishers, pairsSince, summedPairsByPublishers } from './candidates.sql.js';
import { readRefoldedPairs } from './refolded-candidates.js';

/** How many pairs are open among what a figure counts, and whose incidents are in them. */
export interface OpenCandidates {
  pairs: number;
  /** CloudEvents sources of both sides, sorted. */
  publishers: string[];
}

/**
 * The open pairs that touch a figure: at least one of the two incidents is counted by it. A sum over publishers may count
 * such a pair twice. Under a publication those of them whose incidents had both been published, and were alike then.
 */
export async function readOpenCandidates(
  tx: EntityManager,
  asOf: AsOf,
  filter: IncidentFilter,
  publication: Publication | null = null,
): Promise<OpenCandidates> {
  if (publication?.changes !== true) {
    const summed = await readSummed(tx, asOf, filter);
    if (summed !== null) return openOf(summed, 'pairs_0');
  }
  const parameters = new SqlParameters();
  const tables = tablesOfGeneration(asOf.generation);
  const asRecorded = recordedConditions(publication, parameters);
  const text = isCarried(filter)
    ? carriedPairsByPublishers(tables, { positions: [asOf.position], filter, pair: asRecorded }, parameters)
    : pairsByPublishers(tables, {
        position: `${parameters.add(asOf.position)}::bigint`,
        pair: asRecorded,
        either: (alias) => countingConditions(filter, parameters, alias),
      });
  const rows = await tx.query<PublisherPairs[]>(text, parameters.values);
  if (publication?.changes !== true) return openOf(rows, 'pairs_0');
  return openOf([...rows, ...(await readRefoldedPairs(tx, asOf, filter, publication)).map(onePair)], 'pairs_0');
}

/** As of two positions of one generation: what is asked for usually is counted in one go. */
export async function readOpenCandidatesBetween(
  tx: EntityManager,
  { from, to }: { from: AsOf; to: AsOf },
  filter: IncidentFilter,
): Promise<{ before: OpenCandidates; after: OpenCandidates }> {
  if (!isCarried(filter) || from.generation !== to.generation) {
    return { before: await readOpenCandidates(tx, from, filter), after: await readOpenCandidates(tx, to, filter) };
  }
  const [before, after] = [await readSummed(tx, from, filter), await readSummed(tx, to, filter)];
  if (before !== null && after !== null) return { before: openOf(before, 'pairs_0'), after: openOf(after, 'pairs_0') };
  const parameters = new SqlParameters();
  const positions = [from.position, to.position];
  const text = carriedPairsByPublishers(tablesOfGeneration(to.generation), { positions, filter, pair: [] }, parameters);
  const rows = await tx.query<PublisherPairs[]>(text, parameters.values);
  return { before: openOf(rows, 'pairs_0'), after: openOf(rows, 'pairs_1') };
}

/** Up to so many positions before now, what came and went since is looked at; before that, each pair that stood. */
const SINCE_MAX = 20_000;

/** The pairs that stand now, from their sums, less what came and went since the position. Null: these cannot tell. */
async function readSummed(
  tx: EntityManager,
  { position, generation, isSettled }: AsOf,
  filter: IncidentFilter,
): Promise<PublisherPairs[] | null> {
  if (!isCarried(filter) || filter.incidentTypes.length > 0 || !isOfWholeMonths(filter)) return null;
  if (isSettled) {
    const [row] = await tx.query<{ position: string }[]>(BALANCES_STAND_AT, [generation]);
    if (Number(row?.position) - position > SINCE_MAX) return null;
  }
  const tables = tablesOfGeneration(generation);
  const ask = (text: (parameters: SqlParameters) => string): Promise<PublisherPairs[]> => {
    const parameters = new SqlParameters();
    return tx.query<PublisherPairs[]>(text(parameters), parameters.values);
  };
  const now = await ask((parameters) => summedPairsByPublishers(tables, filter, parameters));
  if (!isSettled) return now;
  const since = await ask((parameters) => pairsSince(tables, { position, filter }, parameters));
  const sums = new Map<string, PublisherPairs>();
  for (const [rows, sign] of [
    [now, 1],
    [since, -1],
  ] as const) {
    for (const { one, other, pairs_0: pairs } of rows) {
      const name = JSON.stringify([one, other]);
      sums.set(name, { one, other, pairs_0: (sums.get(name)?.pairs_0 ?? 0) + sign * pairs });
    }
  }
  return [...sums.values()];
}

/** Whether the pairs themselves carry all that is asked; which of them count nowhere, but not their verification. */
function isCarried(filter: IncidentFilter): boolean {
  return !asksForDetails(filter) && filter.verifications.length === 0;
}

/** Of both sides of a pair `c` what is recorded is what had been published. */
function recordedConditions(publication: Publication | null, parameters: SqlParameters): string[] {
  if (publication?.changes !== true) return [];
  const refolded = `${parameters.add(publication.refoldedIds)}::uuid[]`;
  return [`c.a <> ALL(${refolded})`, `c.b <> ALL(${refolded})`];
}

interface PublisherPairs {
  one: string;
  other: string;
  pairs_0: number;
  pairs_1?: number;
}

function onePair([one, other]: readonly [string, string]): PublisherPairs {
  return { one, other, pairs_0: 1 };
}

function openOf(rows: readonly PublisherPairs[], count: 'pairs_0' | 'pairs_1'): OpenCandidates {
  const open = rows.filter((row) => (row[count] ?? 0) > 0);
  return {
    pairs: open.reduce((sum, row) => sum + (row[count] ?? 0), 0),
    publishers: [...new Set(open.flatMap(({ one, other }) => [one, other]))].toSorted(),
  };
}
