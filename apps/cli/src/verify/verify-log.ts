import { type Checkpoint, CHECKPOINT_FILE, type Policy, tileReader } from '#app/transparency';
import { usageError } from '../exit-codes.js';
import type { Output } from '../terminal/output.js';
import { checkDatabase } from './database/check-database.js';
import type { CheckedDatabase } from './database/check-page.js';
import type { DatabaseAccess } from './database/open-database.js';
import { inProcessPages, threadedPages } from './database/page-runner.js';
import type { PublishedLog } from './database/published-hashes.js';
import { checkEarlier, splitNotes } from './earlier-checkpoints.js';
import { type LogSource, openSource } from './log-source.js';
import { Mirror } from './mirror.js';
import { checkCheckpoint } from './open-checkpoint.js';
import { inProcessRanges, threadedRanges } from './range-runner.js';
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
  database?: OpenedDatabase | undefined;
}

interface OpenedDatabase extends CheckedDatabase {
  /** For threads, which need connections of their own; without it there are none. */
  access?: DatabaseAccess;
}

/** Notes that somebody kept, by the file that holds them. */
interface Kept {
  file: string;
  notes: string[];
}

/** Below this many leaves starting a thread takes longer than it saves. */
const WORTH_THREADS = 20_000;
/** The same of rows: PostgreSQL works beside us on another core anyway, and each thread costs seconds until it is warm. */
const ROWS_WORTH_THREADS = 500_000;

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
    const { database } = options;
    if (database !== undefined) {
      const tree = await SignedTree.open(checkpoint, read);
      await report.attempt('database', async () =>
        report.add(...(await checkRows({ ...options, database }, { tree, read, source }, output))),
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
  const runner = jobs > 1 && log.checkpoint.size >= WORTH_THREADS ? threadedRanges(jobs) : inProcessRanges();
  try {
    return await checkWholeLog({ ...log, runner, treeOnly, limit }, output);
  } finally {
    await runner.close();
  }
}

async function checkRows(
  { database, jobs, limit }: VerifyLogOptions & { database: OpenedDatabase },
  log: PublishedLog,
  output: Output,
): ReturnType<typeof checkDatabase> {
  const { access } = database;
  const isThreaded = access !== undefined && jobs > 1 && log.tree.head.size >= ROWS_WORTH_THREADS;
  const runner = isThreaded ? threadedPages(jobs, access) : inProcessPages(database);
  try {
    return await checkDatabase(database, log, { limit, output, runner });
  } finally {
    await runner.close();
  }
}
