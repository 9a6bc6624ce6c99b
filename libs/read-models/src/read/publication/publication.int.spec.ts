import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ESTIMATORS, MEASURES, type Report } from '#app/domain';
import type { PreparedEvent } from '#app/log';
import { DataSource, type EntityManager } from 'typeorm';
import { randomOf, startProjection, type TestProjection } from '../../../../../test/support/incident-story.js';
import { projectAll } from '../../../../../test/support/project-all.js';
import { MOSUL_EYE, UCDP, VariedStory } from '../../../../../test/support/varied-story.js';
import { type AsOf, resolveAsOf } from '../as-of/as-of.js';
import type { Dimension } from '../figures/dimension.js';
import { readFigureCells } from '../figures/figure-cells.js';
import type { IncidentFilter } from '../incidents/incident-filter.js';
import {
  countIncidents,
  type IncidentKey,
  type IncidentListRequest,
  readIncidentPage,
} from '../incidents/incident-list.js';
import { Publication } from './publication.js';

jest.setTimeout(180_000);

/**
 * The oracle: a second log that was told only what had been published by the moment. What the first one answers for
 * `publishedUntil` must be what the second one has recorded.
 */
interface Ledger {
  projection: TestProjection;
  source: DataSource;
  at: AsOf;
}

const UNTIL = new Date('2018-11-14T23:59:59.999Z');
const random = randomOf(77);
let all: Ledger;
let published: Ledger;

async function ledgerOf(tell: (story: VariedStory) => PreparedEvent[]): Promise<Ledger> {
  const projection = await startProjection();
  await projection.log.append(tell(new VariedStory(projection.log, randomOf(1))));
  await projectAll(projection.pool);
  const options = ['role=ledger_query', 'default_transaction_isolation=repeatable\\ read'];
  const source = await new DataSource({
    type: 'postgres',
    url: projection.log.url,
    extra: { options: options.map((option) => `-c ${option}`).join(' ') },
  }).initialize();
  const result = await source.transaction((tx) => resolveAsOf(tx, { kind: 'head' }));
  if (result.kind !== 'found') throw new Error(result.kind);
  return { projection, source, at: result.asOf };
}

type Told = { source: string; report: Report } | { source: string; ref: string; reportId: string };

beforeAll(async () => {
  const told: Told[] = [];
  const revisions = new Set<string>();
  const scribe = new VariedStory(null as never, random);
  for (let n = 0; n < 400; n += 1) {
    const source = random(3) === 0 ? MOSUL_EYE : UCDP;
    const ref = `incident-${random(60)}`;
    const reportId = `${ref}/report-${random(4)}`;
    if (random(15) === 0) told.push({ source, ref, reportId });
    else {
      // Lower revisions come late, too; ingest refuses a second message of the same one.
      const revision = 1 + random(8);
      if (revisions.has(`${source} ${reportId} ${revision}`)) continue;
      revisions.add(`${source} ${reportId} ${revision}`);
      told.push({ source, report: { ...scribe.randomReport(ref, reportId), revision } });
    }
  }
  const tell = (story: VariedStory, isTold: (one: Told) => boolean): PreparedEvent[] =>
    told
      .filter(isTold)
      .map((one) =>
        'report' in one ? story.report(one.source, one.report) : story.withdrawal(one.source, one.ref, one.reportId),
      );
  all = await ledgerOf((story) => tell(story, () => true));
  published = await ledgerOf((story) =>
    tell(story, (one) => !('report' in one) || Date.parse(one.report.publishedAt) <= UNTIL.getTime()),
  );
});
afterAll(async () => {
  for (const ledger of [all, published]) {
    await ledger?.source.destroy();
    await ledger?.projection.close();
  }
});

const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;

function randomFilter(): IncidentFilter {
  return {
    boundary: 'iso-3166',
    regions: pick([[], [], [{ level: 'admin1' as const, code: 'IQ-NI' }], [{ level: 'country' as const, code: 'SY' }]]),
    from: pick([null, null, '2018-02-01', '2018-10-14']),
    to: pick([null, null, '2018-10-30', '2018-12-31']),
    dateRule: pick(['start', 'start', 'end', 'overlap'] as const),
    measures: pick([[], [], [pick(MEASURES)]]),
    statuses: pick([[], [], ['CIVILIAN'] as const, ['CIVILIAN', 'UNKNOWN'] as const]),
    roles: random(6) === 0 ? ['COMMUNITY_LEADER'] : [],
    incidentTypes: random(4) === 0 ? ['IED_ATTACK'] : [],
    weapons: random(6) === 0 ? ['VBIED', 'IED'] : [],
    targets: random(6) === 0 ? ['POWER_GRID'] : [],
    actors: random(6) === 0 ? [pick(['islamic', '50%_\\ "'])] : [],
    publishers: random(5) === 0 ? [UCDP] : [],
    verifications: random(5) === 0 ? ['SINGLE_SOURCE', 'CORROBORATED'] : [],
  };
}

function randomGrouping(): Dimension[] {
  const period = pick([[], ['day'], ['week'], ['month'], ['month'], ['year']] as const);
  const region = pick([[], ['region:country'], ['region:admin1'], ['region:admin2']] as const);
  return [...period, ...region, ...(['weapon', 'status', 'incidentType'] as const).filter(() => random(5) === 0)];
}

async function withPublication<T>(work: (tx: EntityManager, publication: Publication) => Promise<T>): Promise<T> {
  return all.source.transaction(async (tx) => work(tx, await Publication.read(tx, all.at, UNTIL)));
}

describe('what had been published by a moment', () => {
  it('gives the figures of a log that was told nothing else, whatever is asked', async () => {
    let compared = 0;
    for (let round = 0; round < 120; round += 1) {
      const filter = randomFilter();
      const request = {
        filter,
        dimensions: randomGrouping(),
        estimator: pick([null, ...ESTIMATORS]),
        onlySpeaking: random(4) === 0,
      };
      const cells = await withPublication((tx, publication) =>
        readFigureCells(tx, all.at, { ...request, publication }),
      );
      const expected = await published.source.transaction((tx) => readFigureCells(tx, published.at, request));
      const sorted = (list: typeof cells): string[] =>
        (list ?? []).map((cell) => JSON.stringify(inOrder({ ...cell, admin1Only: 0 }))).toSorted();
      expect({ request, cells: sorted(cells) }).toEqual({ request, cells: sorted(expected) });
      compared += cells?.length ?? 0;
    }
    expect(compared).toBeGreaterThan(500);
  });

  it.each(['start', '-start'] as const)('lists the same incidents, page by page, by %s', async (sort) => {
    for (let round = 0; round < 20; round += 1) {
      const drawn = random(4) === 0 ? { latitude: 36.3, longitude: 43, km: 50 } : null;
      const request: IncidentListRequest = {
        filter: randomFilter(),
        bbox: null,
        near: drawn,
        changedSince: null,
        sort,
      };
      const pageThrough = async (ledger: Ledger, publication: Publication | null, tx: EntityManager) => {
        const asked = { ...request, publication };
        const rows: object[] = [];
        for (let after: IncidentKey | null = null, more = true; more; ) {
          const page = await readIncidentPage(tx, ledger.at, asked, { limit: 5, after });
          // Pseudonyms differ between logs, and so do positions.
          rows.push(...page.rows.map(({ position: _p, version: _v, contested: _c, ...row }) => row));
          ({ after } = page);
          more = after !== null;
        }
        return { rows, counted: await countIncidents(tx, ledger.at, asked) };
      };
      const shown = await withPublication((tx, publication) => pageThrough(all, publication, tx));
      expect(shown).toEqual(await published.source.transaction((tx) => pageThrough(published, null, tx)));
      expect(shown.rows.length).toBe(shown.counted.total);
    }
  });

  it('is all that is recorded once nothing was published later', async () => {
    const publication = await all.source.transaction((tx) => Publication.read(tx, all.at, new Date('2019-01-01')));
    expect(publication.changes).toBe(false);
  });

  it('is nothing before the first publication', async () => {
    const request = {
      filter: { ...randomFilter(), regions: [], from: null, to: null },
      dimensions: [],
      estimator: null,
    };
    const cells = await all.source.transaction(async (tx) =>
      readFigureCells(tx, all.at, {
        ...request,
        publication: await Publication.read(tx, all.at, new Date('2018-01-01')),
      }),
    );
    expect(cells).toEqual([]);
  });
});

function inOrder(cell: object): object {
  return Object.fromEntries(Object.entries(cell).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
