import { CRASH_POINTS } from '../../../apps/query-api/src/crash-points.js';
import type { Fault } from '../fault.js';
import { answersUntil, jsonFrom } from '../asking.js';

interface Citation {
  id: string;
  result: string;
}

export const killQueryApi: Fault = {
  name: 'kill-query-api',
  promise: 'a citation is kept whole or not at all: one that was given out gives the same bytes for ever',
  cases: CRASH_POINTS,
  short: 1,
  inject: async (world, _random, { chosen }) => {
    const crashed = world.crash('query-api', chosen);
    const cite = (): Promise<Citation> =>
      jsonFrom<Citation>(world.app('query-api'), '/v1/citations', { query: '/v1/casualties?groupBy=month' });
    const given = await answersUntil(crashed, cite);
    // Somebody who was cut off asks again.
    given.push(await cite());
    const { rows } = await world.pool.query<{ id: string }>('SELECT citation_id AS id FROM citation.citation');
    for (const { id } of rows) {
      const kept = await jsonFrom<Citation>(world.app('query-api'), `/v1/citations/${id}`);
      const changed = given.find((one) => one.id === id && one.result !== kept.result);
      if (changed !== undefined) throw new Error(`citation ${id} is not what was given out`);
    }
    const lost = given.filter(({ id }) => !rows.some((row) => row.id === id));
    if (lost.length > 0) throw new Error(`${lost.length} citations that were given out are not kept`);
    return 'kill -9 at this step of a citation, and a new process';
  },
};
