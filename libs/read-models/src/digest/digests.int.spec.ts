import { expect, it, jest } from '@jest/globals';
import { withTransaction } from '#app/runtime';
import { startProjection } from '../../../../test/support/incident-story.js';
import { tablesOfGeneration } from '../project/tables.js';
import { checksums } from './digests.js';

jest.setTimeout(120_000);

it('asks for no further table once it is told to stop', async () => {
  const { pool, log, close } = await startProjection();
  const { rows } = await pool.query<{ generation: number }>('SELECT generation FROM read_model.generation');
  const tables = tablesOfGeneration(rows[0]?.generation ?? 0);
  const stop = new AbortController();
  const asked = { range: {}, of: ['report', 'decision'] as const, signal: stop.signal };
  // Whoever asks for the second table has to wait for it.
  const holder = await log.owner.connect();
  try {
    await holder.query(`BEGIN; LOCK TABLE ${tables.decision}`);
    const told = withTransaction(pool, async (tx) => {
      await tx.query("SET LOCAL lock_timeout = '2s'");
      const found = checksums(tx, tables, asked);
      stop.abort(new Error('enough'));
      return found;
    });
    await expect(told).rejects.toThrow('enough');
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
    await close();
  }
});
