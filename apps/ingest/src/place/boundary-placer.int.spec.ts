import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventDataByType, parseLeaf, readEvents } from '#app/log';
import { withTransaction } from '#app/runtime';
import { type BoundaryStory, startBoundaryStory } from '../../../../test/support/boundary-story.js';
import { halves } from '../../../../test/support/halves.js';
import { isPlacing } from './placing-cursor.js';
import {
  ActiveBoundarySets,
  activeBoundarySets,
  BoundarySetMissingError,
  findBoundarySet,
} from './active-boundary-sets.js';

jest.setTimeout(120_000);

let story: BoundaryStory;
beforeEach(async () => {
  story = await startBoundaryStory();
});
afterEach(() => story.close());

function reports(from: number, to: number): Promise<number>[] {
  return Array.from({ length: to - from }, (_, index) => told(from + index));
}

function told(number: number): Promise<number> {
  const place = {
    name: `at ${number}`,
    country: 'IQ',
    latitude: 33,
    longitude: 40 + (number % 8),
    precision: 'SETTLEMENT' as const,
  };
  return story.report({ incident: number, reportId: `r${number}`, place });
}

/** What the log says of the sets, in the order of the log: boundary, area and how many. */
async function placings(): Promise<
  { boundary: string; position: number; placed: Record<string, number>; bytes: number; positions: number[] }[]
> {
  const rows = await readEvents(story.pool, { after: -1, limit: 10_000, type: 'IncidentsPlaced' });
  return rows.map(({ leaf, position }) => {
    const event = parseLeaf(leaf);
    const { boundary, placed } = event.data as EventDataByType['IncidentsPlaced'];
    const positions = placed.flatMap((one) => one.positions);
    expect(new Set(positions).size).toBe([{ stream: event.stream }, ...(event.also ?? [])].length);
    const counts = Object.fromEntries(
      placed.map(({ placement, positions: some }) => [String(placement.admin1), some.length]),
    );
    return { boundary, position, placed: counts, bytes: Buffer.byteLength(leaf), positions };
  });
}

it('places everything recorded before an activation once, 400 events at a time, in leaves that fit', async () => {
  await Promise.all(reports(0, 900));
  await story.import(halves('halves', { meridian: 43.5 }));
  const position = await story.activate('halves');
  await told(901);
  await story.placeEarlier();
  const found = await placings();
  expect(found.map(({ positions }) => positions.length)).toEqual([400, 400, 100]);
  expect(found.every(({ bytes }) => bytes <= 61_440)).toBe(true);
  const positions = found.flatMap((one) => one.positions);
  expect(positions).toHaveLength(900);
  expect(new Set(positions).size).toBe(900);
  expect(positions.every((one) => one < position)).toBe(true);
  await story.placeEarlier();
  expect(await placings()).toHaveLength(3);
  const { total } = await story.json('/v1/casualties?boundary=halves');
  expect(total.incidents).toBe(901);
  const { data } = await story.json('/v1/casualties?boundary=halves&groupBy=region:admin1');
  expect(
    data.map(({ group, incidents }: { group: { region: { code: string } }; incidents: number }) => [
      group.region.code,
      incidents,
    ]),
  ).toEqual([
    ['EAST', 449],
    ['WEST', 452],
  ]);
});

it('goes on where a process ended, and two processes place each part once', async () => {
  await Promise.all(reports(0, 1000));
  await story.import(halves('halves', { meridian: 43.5 }));
  await story.activate('halves');
  expect(await story.placer().placeSome()).toBe(true);
  // As after kill -9: nothing of the first process is left but the database.
  const both = [story.placer(), story.placer()];
  let busy = true;
  while (busy) {
    const done = await Promise.allSettled(both.map((one) => one.placeSome()));
    busy = done.some((one) => one.status === 'rejected' || one.value);
  }
  const positions = (await placings()).flatMap((one) => one.positions);
  expect(positions).toHaveLength(1000);
  expect(new Set(positions).size).toBe(1000);
});

it('tells of a changed set only what it puts elsewhere', async () => {
  await Promise.all(reports(0, 16));
  await story.import(halves('halves', { meridian: 43.5 }));
  await story.activate('halves');
  await Promise.all(reports(16, 32));
  await story.placeEarlier();
  await story.import(halves('halves', { meridian: 44.5 }));
  // Until its activation the changed set counts nowhere.
  await Promise.all(reports(32, 40));
  await story.activate('halves');
  await story.placeEarlier();
  expect((await placings()).map(({ placed }) => placed)).toEqual([{ WEST: 8, EAST: 8 }, { WEST: 5 }]);
  const { data } = await story.json('/v1/casualties?boundary=halves&groupBy=region:admin1');
  expect(data.map(({ incidents }: { incidents: number }) => incidents)).toEqual([15, 25]);
});

it('lets nothing be recorded between the look at a set and its activation', async () => {
  const sets = new ActiveBoundarySets(1);
  await story.import(halves('halves', { meridian: 43.5 }));
  const order: string[] = [];
  let release: () => void = () => undefined;
  const recording = withTransaction(story.pool, async (tx) => {
    const place = await sets.hold(tx);
    order.push(`recording with ${Object.keys(place({ country: 'IQ' })).join()}`);
    await new Promise<void>((resolve) => (release = resolve));
    order.push('recorded');
  });
  await sleep(100);
  const activating = story.activate('halves').then(() => order.push('activated'));
  await sleep(200);
  release();
  await Promise.all([recording, activating]);
  expect(order).toEqual(['recording with iso-3166', 'recorded', 'activated']);
  const placed = await withTransaction(story.pool, async (tx) => (await sets.hold(tx))({ country: 'IQ' }));
  expect(Object.keys(placed)).toEqual(['halves', 'iso-3166']);
});

it('gives a place without a country the one that a set finds, in every set', async () => {
  await story.import(halves('halves', { meridian: 43.5 }));
  await story.activate('halves');
  const placed = await withTransaction(story.pool, async (tx) =>
    (await new ActiveBoundarySets(1).hold(tx))({ latitude: 33, longitude: 41, precision: 'EXACT_POINT' }),
  );
  expect(placed).toMatchObject({
    halves: { country: 'IQ', admin1: 'WEST' },
    'iso-3166': { country: 'IQ', admin1: null },
  });
});

it('waits, rather than record unplaced, for a set that the gazetteer has lost', async () => {
  await story.import(halves('halves', { meridian: 43.5 }));
  await story.activate('halves');
  await story.projection.log.owner.query('DELETE FROM gazetteer.area; DELETE FROM gazetteer.boundary_set');
  const lost = withTransaction(story.pool, (tx) => new ActiveBoundarySets(1).hold(tx));
  await expect(lost).rejects.toThrow(BoundarySetMissingError);
  await expect(lost).rejects.toMatchObject({ code: '57P03' });
});

it('knows the newest version of a set, and none that nobody imported', async () => {
  const sha256 = await story.import(halves('halves', { meridian: 43.5 }));
  const find = (name: string) => withTransaction(story.pool, (tx) => findBoundarySet(tx, name));
  expect(await find('halves')).toEqual({ name: 'halves', sha256 });
  expect(await find('nothing')).toBeNull();
  expect(await find('iso-3166')).toMatchObject({ name: 'iso-3166' });
  const position = await story.activate('halves');
  const active = await withTransaction(story.pool, (tx) => activeBoundarySets(tx, 1));
  expect(active.map(({ name, position: at }) => [name, at])).toEqual([
    ['halves', position],
    ['iso-3166', 1],
  ]);
});

it('is placing from an activation until everything from before it has its place, by that version of the set', async () => {
  const context = { logId: 1, log: story.projection.log.head.log };
  const placing = (name: string): Promise<boolean> => withTransaction(story.pool, (tx) => isPlacing(tx, context, name));
  await Promise.all(reports(0, 500));
  expect([await placing('halves'), await placing('iso-3166')]).toEqual([false, false]);
  for (const meridian of [43.5, 44.5]) {
    await story.import(halves('halves', { meridian }));
    expect(await placing('halves')).toBe(false);
    await story.activate('halves');
    expect([await placing('halves'), await placing('iso-3166')]).toEqual([true, false]);
    await story.placer().placeSome();
    expect(await placing('halves')).toBe(true);
    await story.placeEarlier();
    expect(await placing('halves')).toBe(false);
  }
});
