import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { IncidentStory, startProjection, type TestProjection } from '../../../../../test/support/incident-story.js';
import { projectAll } from '../../../../../test/support/project-all.js';
import { resolveAsOf } from '../as-of/as-of.js';
import { refoldedChanges, refoldedWithin } from './refolded-changes.js';

jest.setTimeout(120_000);

const UNTIL = new Date('2018-11-30T00:00:00Z');
const REPORTS = 300;

let projection: TestProjection;
let source: DataSource;

beforeAll(async () => {
  projection = await startProjection();
  const story = new IncidentStory(projection.log);
  const told = Array.from({ length: REPORTS }, (_, index) => ({ reportId: `r${index}`, outlet: `Outlet ${index}` }));
  const late = { reportId: 'late', publishedAt: '2018-12-01T00:00:00Z' };
  const casualties = [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo: 3, hi: 3 } } as const];
  await projection.log.append([...told, late].map((one) => story.report({ incident: 1, casualties, ...one })));
  await projectAll(projection.pool);
  source = await new DataSource({
    type: 'postgres',
    url: projection.log.url,
    extra: { options: '-c role=ledger_query' },
  }).initialize();
});
afterAll(async () => {
  await source?.destroy();
  await projection?.close();
});
afterEach(() => {
  jest.restoreAllMocks();
});

it('makes each report of an incident once, and lets others have their turn between two positions', async () => {
  let turn = 0;
  let counting = setImmediate(function count() {
    turn += 1;
    counting = setImmediate(count);
  });
  const turns: number[] = [];
  const { parse } = JSON;
  jest.spyOn(JSON, 'parse').mockImplementation((...asked) => {
    if (asked[0].includes('"disposition"')) turns.push(turn);
    return parse(...asked);
  });
  let changes = 0;
  await source.transaction(async (tx) => {
    const found = await resolveAsOf(tx, { kind: 'head' });
    if (found.kind !== 'found') throw new Error(found.kind);
    const range = { from: 0, to: found.asOf.position };
    const incidentIds = await refoldedWithin(tx, found.asOf, range, UNTIL);
    const asked = { range, until: UNTIL, incidentIds };
    for await (const { changes: some } of refoldedChanges(tx, found.asOf, asked)) changes += some.length;
  });
  clearImmediate(counting);
  expect([changes, turns.length, new Set(turns).size]).toEqual([REPORTS, REPORTS, REPORTS]);
});
