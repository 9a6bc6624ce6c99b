import {
  addIndexes,
  projectBatch,
  type ProjectionEvent,
  projectionEventOf,
  ProjectionTarget,
  sumBalances,
  tablesOfGeneration,
} from '#app/read-models';
import { createPool, withTransaction } from '#app/runtime';
import type { Pool } from 'pg';
import { IncidentMaker } from './reading-incidents.js';
import { seeded } from './reports.js';

export interface LoadedFigures {
  generation: number;
  incidents: number;
  /** The last position. */
  head: number;
  seconds: { events: number; indexes: number; balances: number };
}

const PAGE = 1_000;
/** Positions recorded in one millisecond. */
const PER_MOMENT = 25;
const FIRST_RECORDED = Date.parse('2019-01-01T00:00:00Z');
/** Half of the further reports come soon after the first, the others at any time after it. */
const SOON = 300;
const SHARE_SOON = 0.5;
const SHARE_LATE_NOW = 0.2;

/**
 * Fills a new generation of the read model with made incidents and makes it live: their reports in no order of time or
 * place, as when the data of many years are imported beside each other, which is the worst case for what lies together.
 * The rows are made and written by the projection itself.
 */
export async function loadFigures(
  databaseUrl: string,
  { incidents, countries, say }: { incidents: number; countries: number; say: (text: string) => void },
): Promise<LoadedFigures> {
  const pool = createPool(databaseUrl, { role: 'ledger_projector', max: 4, applicationName: 'bench load' });
  try {
    const generation = await newGeneration(pool);
    const startedAt = performance.now();
    const head = await project(pool, { generation, incidents, maker: new IncidentMaker(countries), say });
    const events = seconds(startedAt);
    return { generation, incidents, head, seconds: { events, ...(await finish(pool, { generation, head, say })) } };
  } finally {
    await pool.end();
  }
}

const seconds = (startedAt: number): number => Math.round(performance.now() - startedAt) / 1000;

async function newGeneration(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ generation: number }>(
    `INSERT INTO read_model.generation (generation, projection, policy, status, balanced)
     SELECT max(generation) + 1, max(projection), max(policy), 'BUILDING', false FROM read_model.generation
     RETURNING generation`,
  );
  const { generation } = rows[0] as { generation: number };
  await pool.query("SELECT read_model.create_tables('read_model', $1, '')", [String(generation)]);
  return generation;
}

interface Projecting {
  generation: number;
  incidents: number;
  maker: IncidentMaker;
  say: (text: string) => void;
}

/** Two targets, each with half of the incidents: while the database writes for one, the other folds. */
async function project(pool: Pool, { generation, incidents, maker, say }: Projecting): Promise<number> {
  const tables = tablesOfGeneration(generation);
  const first = new ProjectionTarget(tables, { balanced: false });
  const targets = [first, new ProjectionTarget(tables, { balanced: false, codes: first.codes })];
  const startedAt = performance.now();
  let page: ProjectionEvent[][] = [[], []];
  let position = 0;
  const write = async (): Promise<void> => {
    const halves = page;
    page = [[], []];
    await Promise.all(
      targets.map((target, half) =>
        withTransaction(
          pool,
          (tx) => projectBatch(tx, target, halves[half] as ProjectionEvent[]),
          'BEGIN; SET LOCAL synchronous_commit = off',
        ),
      ),
    );
  };
  for (const { index, nth } of inOrder(incidents, maker)) {
    page[index % 2]?.push(recorded(maker, { index, nth, position }));
    position += 1;
    if (position % PAGE === 0) await write();
    if (position % 50_000 === 0) say(`${position} events, ${Math.round(position / seconds(startedAt))}/s`);
  }
  await write();
  return position - 1;
}

/** Which report comes when: the first ones in a row, the further ones soon after or much later. */
export function* inOrder(incidents: number, maker: IncidentMaker): Generator<{ index: number; nth: number }> {
  const random = seeded(1_000_003);
  const soon: { index: number; nth: number; due: number }[] = [];
  const late: { index: number; nth: number }[] = [];
  for (let index = 0; index < incidents; index++) {
    yield { index, nth: 1 };
    for (let nth = 2; nth <= maker.reportsOf(index); nth++) {
      if (random() < SHARE_SOON) soon.push({ index, nth, due: index + SOON });
      else late.push({ index, nth });
    }
    while (soon[0] !== undefined && soon[0].due <= index) yield soon.shift() as { index: number; nth: number };
    if (late.length > 0 && random() < SHARE_LATE_NOW) {
      const chosen = Math.floor(random() * late.length);
      const [last] = late.splice(-1) as [{ index: number; nth: number }];
      const other = chosen < late.length ? late.splice(chosen, 1, last)[0] : last;
      yield other as { index: number; nth: number };
    }
  }
  yield* soon;
  yield* late;
}

/** The event as the log would give it: of the leaf, what the projection reads. */
function recorded(
  maker: IncidentMaker,
  { index, nth, position }: { index: number; nth: number; position: number },
): ProjectionEvent {
  const { incidentId, ceSource, data } = maker.report(index, nth);
  const id = `00000000-0000-7000-8000-${position.toString(16).padStart(12, '0')}`;
  const leaf = `{"data":${JSON.stringify(data)},"id":"${id}","log":"bench","source":{"ceSource":"${ceSource}"},"type":"ReportRecorded","v":1}`;
  const recordedAt = new Date(FIRST_RECORDED + Math.floor(position / PER_MOMENT));
  return projectionEventOf({
    position,
    recordedAt,
    leaf,
    type: 'ReportRecorded',
    stream: incidentId,
    streamVersion: nth,
  });
}

interface Finishing {
  generation: number;
  head: number;
  say: (text: string) => void;
}

/** What a rebuild does after its load. */
async function finish(
  pool: Pool,
  { generation, head, say }: Finishing,
): Promise<{ indexes: number; balances: number }> {
  say('indexes …');
  let startedAt = performance.now();
  await addIndexes(pool, generation);
  const indexes = seconds(startedAt);
  say('balances …');
  startedAt = performance.now();
  await sumBalances(pool, new ProjectionTarget(tablesOfGeneration(generation), { balanced: false }), generation);
  const balances = seconds(startedAt);
  await withTransaction(pool, async (tx) => {
    await tx.query('UPDATE read_model.generation SET position = $2 WHERE generation = $1', [generation, head]);
    await tx.query('SELECT read_model.make_live($1)', [generation]);
  });
  return { indexes, balances };
}
