import {
  type AsOf,
  type FigureRequest,
  EVERY_INCIDENT,
  type IncidentFilter,
  type IncidentKey,
  type IncidentListRequest,
  Publication,
  readFigureCells,
  readIncidentPage,
  resolveAsOf,
} from '#app/read-models';
import type { DataSource, EntityManager } from 'typeorm';
import { Diff, DiffHandler } from '../../apps/query-api/src/diff/diff.handler.js';
import { ReadDatabase } from '../../apps/query-api/src/database/read-database.js';
import { Explain, ExplainHandler } from '../../apps/query-api/src/explain/explain.handler.js';
import { MONTHS, YEARS } from './reading-distributions.js';

export interface ReadingCase {
  what: string;
  /** Of the 99th percentile in the database, where 20 countries share the incidents and where one has all. */
  targetMs: { many: number | null; one: number | null };
  runs: number;
  /** Asks once, at random, through the product's own functions. */
  ask: (source: DataSource, world: World) => Promise<unknown>;
}

export interface World {
  countries: readonly string[];
  head: number;
  /** In [0, 1). */
  random: () => number;
}

const NO_FILTER: IncidentFilter = { ...EVERY_INCIDENT, boundary: 'iso-3166' };
const PAGE = 100;

const pick = <T>(values: readonly T[], { random }: World): T => values[Math.floor(random() * values.length)] as T;

/** Any of the windows that hold anything, a busy year as often as it has incidents. */
function twelveMonths({ random }: World): { from: string; to: string } {
  let left = random() * Object.values(YEARS).reduce((sum, count) => sum + count, 0);
  const year = Number(Object.keys(YEARS).find((name) => (left -= YEARS[name] as number) < 0));
  const month = 1 + Math.floor(random() * Object.keys(MONTHS).length);
  const day = (date: Date): string => date.toISOString().slice(0, 10);
  return { from: day(new Date(Date.UTC(year, month - 1, 1))), to: day(new Date(Date.UTC(year + 1, month - 1, 0))) };
}

async function asOf(tx: EntityManager, position: number | null): Promise<AsOf> {
  const result = await resolveAsOf(tx, position === null ? { kind: 'head' } : { kind: 'position', position });
  if (result.kind !== 'found') throw new Error(`as of ${position}: ${result.kind}`);
  return result.asOf;
}

const past = ({ head, random }: World): number => Math.floor(random() * head);
const country = (world: World): IncidentFilter['regions'] => [{ level: 'country', code: pick(world.countries, world) }];

async function monthly(tx: EntityManager, world: World, position: number | null): Promise<unknown> {
  const filter = { ...NO_FILTER, regions: country(world), ...twelveMonths(world) };
  const request: FigureRequest = { filter, dimensions: ['month', 'region:admin1'], estimator: null };
  return readFigureCells(tx, await asOf(tx, position), request);
}

async function listed(tx: EntityManager, world: World, position: number | null): Promise<unknown> {
  const isWide = world.random() < 0.5;
  const request: IncidentListRequest = {
    filter: isWide ? NO_FILTER : { ...NO_FILTER, regions: country(world) },
    bbox: null,
    near: null,
    changedSince: null,
    sort: 'start',
  };
  const after: IncidentKey = [twelveMonths(world).from, '80000000-0000-0000-0000-000000000000'];
  return readIncidentPage(tx, await asOf(tx, position), request, { limit: PAGE, after });
}

export const CASES: readonly ReadingCase[] = [
  {
    what: 'a country, twelve months, month × admin1, now',
    targetMs: { many: 5, one: 10 },
    runs: 300,
    ask: (source, world) => source.transaction((tx) => monthly(tx, world, null)),
  },
  {
    what: 'the same as of a random past position',
    targetMs: { many: 15, one: 100 },
    runs: 300,
    ask: (source, world) => source.transaction((tx) => monthly(tx, world, past(world))),
  },
  {
    what: 'a country, all time, admin1, now',
    targetMs: { many: 5, one: 5 },
    runs: 200,
    ask: (source, world) =>
      source.transaction(async (tx) =>
        readFigureCells(tx, await asOf(tx, null), {
          filter: { ...NO_FILTER, regions: country(world) },
          dimensions: ['region:admin1'],
          estimator: null,
        }),
      ),
  },
  {
    what: `a page of ${PAGE} incidents at a random depth, now`,
    targetMs: { many: 10, one: 10 },
    runs: 200,
    ask: (source, world) => source.transaction((tx) => listed(tx, world, null)),
  },
  {
    what: 'the same as of a random past position',
    targetMs: { many: null, one: null },
    runs: 200,
    ask: (source, world) => source.transaction((tx) => listed(tx, world, past(world))),
  },
  {
    what: 'what changed in the last 1,000 positions: the first 100, with the figures before and after',
    targetMs: { many: 50, one: 50 },
    runs: 50,
    ask: (source, { head }) =>
      new DiffHandler(new ReadDatabase(source)).execute(
        new Diff({ asOfFrom: String(head - 1_000) }, { limit: PAGE, cursor: null }),
      ),
  },
  {
    what: 'explain: the first 100 incidents behind a figure of a country and twelve months',
    targetMs: { many: 50, one: 50 },
    runs: 100,
    ask: (source, world) => {
      const asked = { region: [pick(world.countries, world)], ...twelveMonths(world) };
      return new ExplainHandler(new ReadDatabase(source)).execute(new Explain(asked, { limit: PAGE, after: null }));
    },
  },
];

/** Any 1 January in the middle of the years: half of the incidents are folded again. */
const inTheMiddle = ({ random }: World): Date => new Date(Date.UTC(2012 + Math.floor(random() * 3), 0, 1));

function changedOfPublished(source: DataSource, world: World, from: number): Promise<unknown> {
  const publishedUntil = inTheMiddle(world).toISOString();
  const asked = { asOfFrom: String(from), publishedUntil };
  return new DiffHandler(new ReadDatabase(source)).execute(new Diff(asked, { limit: PAGE, cursor: null }));
}

/** Claims published until a moment in the middle, over all incidents of a log of its own. */
export const PUBLISHED_UNTIL = {
  incidents: 50_000,
  cases: [
    {
      what: 'publishedUntil in the middle of the years, all countries, all time, admin1',
      targetMs: 1_000,
      runs: 5,
      ask: (source, world) =>
        source.transaction(async (tx) => {
          const at = await asOf(tx, null);
          const publication = await Publication.read(tx, at, inTheMiddle(world));
          return readFigureCells(tx, at, {
            filter: NO_FILTER,
            dimensions: ['region:admin1'],
            estimator: null,
            publication,
          });
        }),
    },
    {
      what: 'what changed of it in the last 1,000 positions: the first 100, with the figures before and after',
      targetMs: null,
      runs: 3,
      ask: (source, world) => changedOfPublished(source, world, world.head - 1_000),
    },
    {
      what: 'what changed of it in the whole log: every change worked out to be counted, the first 100 shown',
      targetMs: null,
      runs: 3,
      ask: (source, world) => changedOfPublished(source, world, 3),
    },
  ] satisfies readonly (Omit<ReadingCase, 'targetMs'> & { targetMs: number | null })[],
};
