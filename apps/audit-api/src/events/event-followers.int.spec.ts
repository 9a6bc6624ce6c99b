import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { startAuditApi, type TestAuditApi } from '../../../../test/support/audit-api.js';
import { EventFollower } from '../../../../test/support/event-follower.js';
import { eventually } from '../../../../test/support/eventually.js';
import { startLog, type TestLog } from '../../../../test/support/log.js';
import { recordEvents, tilesFolder } from '../../../../test/support/notary.js';
import { leavesOf } from '../../../../test/support/served-tree.js';

jest.setTimeout(120_000);

let log: TestLog;
let api: TestAuditApi;
let url: string;

beforeAll(async () => {
  log = await startLog();
  await recordEvents(log, 250);
  api = await startAuditApi({ url: log.url, tiles: tilesFolder() });
  await api.app.listen(0, '127.0.0.1');
  url = `${await api.app.getUrl()}/v1/events`;
});
afterAll(async () => {
  await api?.close();
  await log?.close();
});

const leaves = async (): Promise<string[]> => (await leavesOf(log.owner)).map(String);
const stream = (query = ''): EventFollower => new EventFollower(`${url}?format=sse${query}`);
const told = ({ events }: EventFollower): [number, string][] => events.map(({ id, data }) => [id, data]);

describe('/v1/events as server-sent events', () => {
  it('tells every leaf once, byte for byte and in order, however often the reader is cut off while the log grows', async () => {
    const follower = stream();
    const work = { isWriting: true };
    const writing = (async () => {
      for (let batch = 0; batch < 40; batch += 1) {
        await recordEvents(log, 1 + (batch % 30));
        await pause(20);
      }
      work.isWriting = false;
    })();
    let cuts = 0;
    const reading = (async () => {
      while (work.isWriting) {
        const connection = follower.connect();
        await pause(20 + ((cuts * 37) % 160));
        follower.cut();
        cuts += 1;
        await connection;
      }
    })();
    await Promise.all([writing, reading]);
    const last = follower.connect();
    const expected = (await leaves()).map((leaf, position): [number, string] => [position, leaf]);
    await eventually('everything is told', () => follower.events.length >= expected.length);
    follower.cut();
    await last;
    expect(cuts).toBeGreaterThan(5);
    expect(told(follower)).toEqual(expected);
    expect(new Set(follower.events.map(({ event }) => event))).toEqual(new Set(['leaf']));
  });

  it('begins where it is asked to: Accept is enough, and Last-Event-ID wins over from', async () => {
    const expected = await leaves();
    const end = expected.length - 1;
    const asked = new EventFollower(`${url}?from=${end - 1}`, { accept: 'text/event-stream' });
    const back = stream('&from=0');
    back.lastId = String(end - 3);
    const connections = [asked.connect(), back.connect()];
    await eventually('both are told', () => asked.events.length >= 2 && back.events.length >= 3);
    asked.cut();
    back.cut();
    await Promise.all(connections);
    expect(asked.events.map(({ data }) => data)).toEqual(expected.slice(-2));
    expect(back.events.map(({ data }) => data)).toEqual(expected.slice(-3));
  });

  it('tells of one type alone, and how far it is where nothing is to be told', async () => {
    const follower = stream('&type=LogCreated');
    const connection = follower.connect();
    await eventually('the first is told', () => follower.events.length > 0);
    await recordEvents(log, 3);
    follower.cut();
    await connection;
    const again = stream('&type=LogCreated');
    again.lastId = follower.lastId;
    const second = again.connect();
    await eventually('it is connected', () => again.isConnected);
    again.cut();
    await second;
    expect(told(follower)).toEqual([[0, (await leaves())[0]]]);
    expect(again.events).toEqual([]);
  });

  it('refuses what does not go with a stream', async () => {
    const codeOf = async (query: string, headers: Record<string, string> = {}): Promise<[number, string]> => {
      const answer = await fetch(`${url}?format=sse${query}`, { headers });
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    for (const query of ['&limit=1', '&asOf=0', '&cursor=x']) {
      expect([query, await codeOf(query)]).toEqual([query, [400, 'INVALID_PARAMETER']]);
    }
    expect(await codeOf('', { 'last-event-id': '999999' })).toEqual([422, 'AS_OF_OUT_OF_RANGE']);
    expect(await codeOf('', { 'last-event-id': 'x' })).toEqual([400, 'INVALID_PARAMETER']);
    const head = await fetch(`${url}?format=sse`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });

  it('ends after a whole event when the server drains', async () => {
    const follower = stream();
    const connection = follower.connect();
    await eventually('it reads', () => follower.events.length > 0);
    const began = Date.now();
    await api.close();
    await connection;
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(follower.isEnded).toBe(true);
    expect(told(follower)).toEqual((await leaves()).slice(0, follower.events.length).map((leaf, i) => [i, leaf]));
  });
});
