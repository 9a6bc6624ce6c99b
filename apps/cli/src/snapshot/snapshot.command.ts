import type { Command } from 'commander';
import { readSealedSnapshots } from '#app/log';
import { action, type Context } from '../command-context.js';
import { decisionOf, withCommon } from '../decide/decide.command.js';
import { sendDecision } from '../decide/send-decision.js';
import { EXIT } from '../exit-codes.js';
import { auditPool } from '../publishing/await-log.js';
import { table } from '../terminal/output.js';

interface SealOptions {
  reason: string;
  by: string;
  expect?: string;
  source: string;
}

export function registerSnapshot(program: Command): void {
  const snapshot = program.command('snapshot').description('names for positions, usable as asOf for ever');
  withCommon(snapshot.command('seal <name>').description('give the next position a name: a-z, 0-9 and -')).action(
    action((context, name: string, options: SealOptions) =>
      sendDecision(context, decisionOf('SEAL_SNAPSHOT', { name }, options), options.source),
    ),
  );
  snapshot
    .command('list')
    .description('sealed snapshots in their order, and where the log says what the figures were')
    .action(action(list));
}

/** From the log itself, so that it tells the same before the figures have followed. */
async function list({ environment, output }: Context): Promise<number> {
  const pool = auditPool(environment);
  try {
    const snapshots = (await readSealedSnapshots(pool))
      .list()
      .map(({ name, position, sealedAt: recordedAt, projection, actor: by, eventId: event, digests }) => {
        return { name, position, recordedAt, projection, by, event, digests };
      });
    output.result(snapshots, [
      ...(snapshots.length === 0
        ? []
        : table(
            ['name', 'position', 'sealed', 'projection', 'by', 'digests'],
            snapshots.map(({ name, position, recordedAt, projection, by, digests }) => [
              name,
              position,
              recordedAt.slice(0, 19),
              projection,
              by,
              digests === null ? 'not yet' : `at position ${digests.position}, by projection ${digests.projection}`,
            ]),
          )),
      `${snapshots.length} sealed`,
    ]);
    return EXIT.ok;
  } finally {
    await pool.end();
  }
}
