import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import type { Policy } from '#app/transparency';
import { action, type Context } from '../command-context.js';
import { usageError } from '../exit-codes.js';
import { checkDisclosureFile } from './check-disclosure.js';
import { checkProof } from './check-proof.js';
import { openDatabase } from './database/open-database.js';
import { addTrustOptions, gather, readGivenFile, readTrust, type TrustOptions } from './trust.js';
import { verifyLog } from './verify-log.js';
import { VerifyReport } from './verify-report.js';

interface VerifyOptions extends TrustOptions {
  proof?: string[];
  checkpoint?: string[];
  disclosure?: string[];
  database?: boolean;
  sealed?: boolean;
  treeOnly?: boolean;
  save?: string;
  jobs: string;
  limit: string;
}

export function registerVerify(program: Command): void {
  const verify = program
    .command('verify')
    .description('check a log, proofs or the database with no trust in who serves them')
    .option('--log <dir|url>', 'a whole log: every entry, every tile, root, signature, quorum')
    .option('--checkpoint <file>', 'earlier checkpoints, one or many, that must be a beginning of the log', gather)
    .option('--proof <file>', 'a .tlog-proof: that its leaf is in the log', gather)
    .option('--disclosure <file>', 'a disclosed value: that the log holds a leaf that committed to it', gather)
    .option('--database', 'with --log: that the rows of DATABASE_URL are what was published')
    .option(
      '--sealed',
      'with --database: also open every sealed value with the master key and hold it against its leaf',
    )
    .option('--tree-only', 'leaves may be anything: for logs of other applications')
    .option('--save <dir>', 'keep what was fetched from a URL, as a log that can be checked again')
    .option('--jobs <n>', 'threads', String(availableParallelism()))
    .option('--limit <n>', 'list at most so many findings a check', '20');
  addTrustOptions(verify).action(action(verifyAll));
}

async function verifyAll({ environment, output }: Context, options: VerifyOptions): Promise<number> {
  const { log, proof = [], disclosure = [] } = options;
  if (log === undefined && proof.length + disclosure.length === 0) {
    throw usageError('say what to verify: --log, --proof or --disclosure (add --help for the options).');
  }
  if (
    log === undefined &&
    (options.checkpoint !== undefined || options.save !== undefined || options.database === true)
  ) {
    throw usageError('--checkpoint, --save and --database need a --log.');
  }
  const numbers = { jobs: wholeNumber('--jobs', options.jobs), limit: wholeNumber('--limit', options.limit) };
  if (options.sealed === true && options.database !== true) throw usageError('--sealed needs --database.');
  const database =
    options.database === true ? await openDatabase(environment, { withSealed: options.sealed === true }) : undefined;
  try {
    const policy = await readTrust(options, output);
    const files = { proofs: proof.map(given), disclosures: disclosure.map(given) };
    const report = new VerifyReport();
    if (log !== undefined) {
      const { checkpoint, treeOnly, save } = options;
      const of = { log, policy, ...numbers, checkpoint, treeOnly, save, database };
      await report.attempt('log', () => verifyLog(of, report, output));
    }
    verifyFiles(files, { policy, treeOnly: options.treeOnly === true }, report);
    return report.print(output);
  } finally {
    await database?.close();
  }
}

interface GivenFile {
  file: string;
  text: string;
}

function given(file: string): GivenFile {
  return { file, text: readGivenFile(file) };
}

function verifyFiles(
  { proofs, disclosures }: { proofs: readonly GivenFile[]; disclosures: readonly GivenFile[] },
  { policy, treeOnly }: { policy: Policy; treeOnly: boolean },
  report: VerifyReport,
): void {
  const checked = [
    ...proofs.map((one) => checkProof(one, policy, treeOnly)),
    ...disclosures.map((one) => checkDisclosureFile(one, policy)),
  ];
  for (const { check, summary } of checked) {
    report.add(check);
    if (summary !== null) report.proved(summary);
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw usageError(`${name} must be a whole number from 1.`);
  return Number(text);
}
