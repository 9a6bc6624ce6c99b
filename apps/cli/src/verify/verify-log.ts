import { type Checkpoint, CHECKPOINT_FILE, type Policy, tileReader } from '#app/transparency';
import { usageError } from '../exit-codes.js';
import type { Output } from '../terminal/output.js';
import { type CheckedDatabase, checkDatabase } from './database/check-database.js';
import { checkEarlier, splitNotes } from './earlier-checkpoints.js';
import { type LogSource, openSource } from './log-source.js';
import { Mirror } from './mirror.js';
import { checkCheckpoint } from './open-checkpoint.js';
import { inProcessRunner, threadedRunner } from './range-runner.js';
import { readGivenFile } from './trust.js';
import type { VerifyReport } from './verify-report.js';
import { SignedTree } from './signed-tree.js';
import { checkWholeLog } from './whole-log.js';

export interface VerifyLogOptions {
  /** Folder or URL. */
  log: string;
  policy: Policy;
  /** Files with earlier checkpoints. */
  checkpoint?: string[];
  treeOnly?: boolean;
  /** Folder of a mirror. */
  save?: string;
  /** Threads. */
  jobs: number;
  limit: number;
  /** Also hold the rows of this database against it. */
  database?: CheckedDatabase | undefined;
}

/** Notes that somebody kept, by the file that holds them. */
interface Kept {
  file: string;
  notes: string[];
}

/** Below this many leaves starting a thread takes longer than it saves. */
const WORTH_THREADS = 20_000;

/** Checks a whole log into a report. @throws CommandError when it cannot be read */
export async function verifyLog(options: VerifyLogOptions, report: VerifyReport, output: Output): Promise<void> {
  const given = openSource(options.log);
  const mirror = options.save === undefined ? null : await Mirror.open(options.save, given);
  const earlier = await earlierCheckpoints(options, mirror);
  const source = mirror?.source() ?? given;
  const note = await source.read(CHECKPOINT_FILE);
  if (note === null) throw usageError(`${options.log} holds no ${CHECKPOINT_FILE}.`);
  const { checkpoint, cosigned, checks } = checkCheckpoint(note, options.policy);
  report.add(...checks);
  if (checkpoint !== null) {
    report.signedLog(checkpoint, cosigned);
    report.add(...(await checkTree(options, { source, checkpoint }, output)));
    const read = tileReader(source.read);
    for (const { file, notes } of earlier) {
      const check = await checkEarlier(notes, checkpoint, { policy: options.policy, read, limit: options.limit });
      report.add({ ...check, detail: `${file}: ${check.detail}` });
    }
    const { database, limit } = options;
    if (database !== undefined) {
      const tree = await SignedTree.open(checkpoint, read);
      await report.attempt('database', async () =>
        report.add(...(await checkDatabase(database, { tree, read, source }, { limit, output }))),
      );
    }
  }
  await mirror?.keepCheckpoint(note, report.isOk);
}

/** What the mirror was left with the last time is an earlier checkpoint too. */
async function earlierCheckpoints({ checkpoint = [], save }: VerifyLogOptions, mirror: Mirror | null): Promise<Kept[]> {
  const earlier = checkpoint.map((file) => ({ file, notes: splitNotes(readGivenFile(file)) }));
  const last = (await mirror?.checkpoint()) ?? null;
  return last === null ? earlier : [...earlier, { file: `${save}/${CHECKPOINT_FILE}`, notes: [last.toString()] }];
}

async function checkTree(
  { jobs, limit, treeOnly = false }: VerifyLogOptions,
  log: { source: LogSource; checkpoint: Checkpoint },
  output: Output,
): ReturnType<typeof checkWholeLog> {
  const isSmall = log.checkpoint.size < WORTH_THREADS;
  const runner = jobs === 1 || isSmall ? inProcessRunner() : threadedRunner(jobs);
  try {
    return await checkWholeLog({ ...log, runner, treeOnly, limit }, output);
  } finally {
    await runner.close();
  }
}
