import { setTimeout as delay } from 'node:timers/promises';
import { fastify, type FastifyRequest } from 'fastify';
import { ANYBODY, type Caller } from './access/caller.js';
import { EventFeed } from './event-feed.js';
import { Problem } from './problem.js';

/** How many of so many readers who come at once are let in. */
async function letIn(readers: number, caller: Caller): Promise<number> {
  const feed = new EventFeed(() => Promise.resolve(7));
  const read = () => Promise.resolve({ events: [], upTo: 7, hasMore: false });
  const app = fastify();
  app.setErrorHandler((error, _request, reply) =>
    reply.status(error instanceof Problem ? error.getStatus() : 500).send(),
  );
  app.get('/', async (request, reply) => {
    const called = Object.assign(request, { caller }) as FastifyRequest;
    feed.admit(called);
    // As a query of the database that the stream begins with takes its time.
    await delay(50);
    await feed.answer(called, reply, { event: 'change', position: 7, read });
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const answers = await Promise.all(Array.from({ length: readers }, () => fetch(url)));
  await feed.close();
  await Promise.all(answers.map((answer) => answer.text()));
  await app.close();
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([]);
  return statuses.filter((status) => status === 200).length;
}

it('lets no caller take more than his places, though he asks for all at once', async () => {
  expect(await letIn(30, { ...ANYBODY, subject: 'ana', expiresAt: Date.now() + 60_000 })).toBe(20);
});

it('has so many places and no more', async () => {
  expect(await letIn(220, ANYBODY)).toBe(200);
});
