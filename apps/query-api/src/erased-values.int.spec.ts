import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { eraseValues } from '#app/log';
import { withTransaction } from '#app/runtime';
import { OfficialStory } from '../../../test/support/official-story.js';
import { startQueryApi, type TestQueryApi } from '../../../test/support/query-api.js';

jest.setTimeout(60_000);

let api: TestQueryApi;
beforeAll(async () => {
  api = await startQueryApi();
});
afterAll(() => api?.close());

it('only what was erased of a report is told to be erased, and the rest is still read', async () => {
  const { log } = api.projection;
  const event = new OfficialStory(log, 'urn:test:publisher').report({
    reportId: 'r1',
    revision: 1,
    incident: { ref: 'a' },
    publishedAt: '2018-11-09T06:00:00Z',
    source: { name: 'Outlet', kind: 'MEDIA_LOCAL', url: 'https://outlet.example/1' },
    occurred: { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' },
    place: { name: 'Mosul', country: 'IQ' },
    classification: { incidentType: 'IED_ATTACK' },
    summary: 'a name stands here',
    tags: ['kept'],
    confidential: { sourceContact: 'somebody' },
  });
  await api.record([event]);
  await withTransaction(log.pool, (tx) =>
    eraseValues(tx, log.masterKey, [{ eventId: event.eventId, pointers: ['/summary'] }]),
  );
  const { data } = await api.json('/v1/incidents');
  const { sources } = await api.json(`/v1/incidents/${data[0].id}`);
  expect(sources).toMatchObject([
    {
      opened: { summary: null, tags: ['kept'], url: 'https://outlet.example/1' },
      erased: ['/summary'],
      withheld: 1,
    },
  ]);
});
