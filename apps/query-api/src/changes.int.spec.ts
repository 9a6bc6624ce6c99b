import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { EventStream } from '#app/http-edge';
import { EventFollower } from '../../../test/support/event-follower.js';
import { randomOf, startProjection, type TestProjection } from '../../../test/support/incident-story.js';
import { projectAll } from '../../../test/support/project-all.js';
import { ChangeFeed } from './changes/change-feed.js';
import { changesFor } from './changes/changes-for.js';
import { ReadDatabase } from './database/read-database.js';
import { startQueryApi, type TestQueryApi } from '../../../test/support/query-api.js';
import { VariedStory } from '../../../test/support/varied-story.js';

jest.setTimeout(120_000);

let projection: TestProjection;
let api: TestQueryApi;
let url: string;
let story: VariedStory;

beforeAll(async () => {
  projection = await startProjection();
  story = new VariedStory(projection.log, randomOf(3));
  await write(20);
  api = await startQueryApi(projection);
  await api.app.listen(0, '127.0.0.1');
  url = `${await api.app.getUrl()}/v1/changes`;
});
afterAll(async () => {
  await api?.close();
  await projection?.close();
});

async function write(events: number): Promise<number> {
  await projection.log.append(story.events(events));
  return (await projectAll(projection.pool)).position;
}

const follow = (address: string): EventFollower => new EventFollower(address);
/** Position, and how many incidents were changed, as a reader was told. */
function toldTo({ events }: EventFollower): [number, number][] {
  return events.map(({ id, data }) => {
    const { position, changed } = JSON.parse(data) as { position: number; changed: number };
    expect(position).toBe(id);
    return [id, changed];
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition(); ) {
    if (Date.now() > end) throw new Error('it did not happen');
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

/** What a reader must have been told: the positions of all versions, and how many incidents each changed. */
async function recorded(from: number, to: number, where = 'true'): Promise<[number, number][]> {
  const { rows } = await projection.log.owner.query<{ position: number; changed: number }>(
    `SELECT from_position AS position, count(*)::int AS changed FROM read_model.incident_version v
      WHERE from_position > $1 AND from_position <= $2 AND ${where} GROUP BY 1 ORDER BY 1`,
    [from, to],
  );
  return rows.map(({ position, changed }) => [position, changed]);
}

describe('/v1/changes', () => {
  it('tells every change once and in order, however often the reader is cut off while writes go on', async () => {
    const follower = follow(`${url}?since=5`);
    const work = { isWriting: true };
    let head = 0;
    const writing = (async () => {
      for (let batch = 0; batch < 60; batch += 1) {
        head = await write(1 + (batch % 9));
        await new Promise((resolve) => {
          setTimeout(resolve, 30);
        });
      }
      work.isWriting = false;
    })();
    let cuts = 0;
    const reading = (async () => {
      while (work.isWriting) {
        const connection = follower.connect();
        await new Promise((resolve) => {
          setTimeout(resolve, 20 + ((cuts * 37) % 260));
        });
        follower.cut();
        cuts += 1;
        await connection;
      }
    })();
    await Promise.all([writing, reading]);
    const last = follower.connect();
    const expected = await recorded(5, head);
    await until(() => follower.events.at(-1)?.id === expected.at(-1)?.[0]);
    follower.cut();
    await last;
    expect(cuts).toBeGreaterThan(10);
    expect(toldTo(follower)).toEqual(expected);
  });

  it('begins now, where nothing else is asked, and tells what is asked for alone', async () => {
    const before = await write(1);
    const [all, kirkuk] = [follow(url), follow(`${url}?region=IQ-KI`)];
    const connections = [all.connect(), kirkuk.connect()];
    await until(() => all.lastId === String(before) && kirkuk.lastId === String(before));
    const head = await write(80);
    const expected = await recorded(before, head);
    await until(() => all.events.length === expected.length);
    const touching = `(v.areas @> '{iso-3166:IQ-KI}' AND v.status = 'ACTIVE' OR EXISTS (SELECT 1 FROM read_model.incident_version o
      WHERE o.incident_id = v.incident_id AND o.to_position = v.from_position AND o.areas @> '{iso-3166:IQ-KI}' AND o.status = 'ACTIVE'))`;
    const within = await recorded(before, head, touching);
    expect(within.length).toBeGreaterThan(3);
    expect(within.length).toBeLessThan(expected.length);
    await until(() => kirkuk.events.length >= within.length);
    expect(kirkuk.events.map(({ id }) => id)).toEqual(within.map(([position]) => position));
    all.cut();
    kirkuk.cut();
    await Promise.all(connections);
  });

  it('refuses a position that is not recorded yet, or is none', async () => {
    const ask = (headers: Record<string, string>) => fetch(url, { headers });
    const beyond = await ask({ 'last-event-id': '999999' });
    expect([beyond.status, ((await beyond.json()) as { code: string }).code]).toEqual([422, 'AS_OF_OUT_OF_RANGE']);
    const none = await ask({ 'last-event-id': 'x' });
    expect([none.status, ((await none.json()) as { code: string }).code]).toEqual([400, 'INVALID_PARAMETER']);
  });

  it('lets a reader go that takes nothing, and holds no more than a page for it', async () => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    const patience = { slowMs: 300, heartbeatMs: 1_000 };
    const stream = new EventStream(
      response,
      changesFor(api.app.get(ReadDatabase), { filter: null, position: -1 }),
      patience,
    );
    const began = Date.now();
    await stream.run(async () => {});
    expect(response.destroyed).toBe(true);
    expect(Date.now() - began).toBeGreaterThanOrEqual(300);
    expect(response.writableLength).toBeLessThan(1_000_000);
  });

  it('tells at once what is recorded while it turns from reading to waiting', async () => {
    const database = api.app.get(ReadDatabase);
    let reads = 0;
    const late = {
      read: async (work: Parameters<ReadDatabase['read']>[0]) => {
        const answer = await database.read(work);
        if (reads++ === 0) await write(5);
        return answer;
      },
    } as ReadDatabase;
    const feed = new ChangeFeed(database);
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    const told: string[] = [];
    response.write = (text: string) => told.push(text) > 0;
    const stream = new EventStream(response, changesFor(late, { filter: null, position: await write(1) }));
    const began = Date.now();
    const serving = feed.serve(stream);
    await until(() => told.some((text) => text.includes('event: change')));
    expect(Date.now() - began).toBeLessThan(5_000);
    stream.end();
    await serving;
  });

  it('answers HEAD without a stream', async () => {
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });

  it('ends the answer when the server drains', async () => {
    const follower = follow(url);
    const connection = follower.connect();
    await until(() => follower.lastId !== null);
    const closed = Date.now();
    await api.close();
    await connection;
    expect(follower.isEnded).toBe(true);
    expect(Date.now() - closed).toBeLessThan(5_000);
  });
});
