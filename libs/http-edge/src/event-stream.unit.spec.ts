import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventFeed } from './event-feed.js';
import { EventStream } from './event-stream.js';

it('ends for a reader that went away before its stream began, and leaves the place to others', async () => {
  const feed = new EventFeed(() => Promise.resolve(7));
  let reads = 0;
  const read = () => {
    reads += 1;
    return Promise.resolve({ events: [], upTo: 7, hasMore: false });
  };
  const server = createServer();
  const served = new Promise<void>((resolve, reject) => {
    server.once('request', (_, response) => {
      // As a query of the database that the stream begins with takes its time.
      once(response, 'close')
        .then(() => feed.serve(new EventStream(response, { event: 'change', position: 7, read })))
        .then(resolve, reject);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reader = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  reader.once('error', () => undefined).end();
  await once(server, 'request');
  reader.destroy();
  const outcome = await Promise.race([
    served.then(() => 'ended'),
    new Promise((resolve) => setTimeout(resolve, 3000, 'is served for ever')),
  ]);
  await feed.close();
  server.close();
  expect(outcome).toBe('ended');
  expect(reads).toBe(0);
});
