import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { action, type Context } from '../command-context.js';
import { EXIT, usageError } from '../exit-codes.js';
import { UnreadableFileError } from './columns.js';
import { countryOf } from './country-of.js';
import { emptyMapped, mapRows } from './map-rows.js';
import { UnknownReleaseError } from './release.js';
import type { ImportResult } from './import-result.js';
import { publishFile } from './publish-file.js';
import { reportRowProblems, summaryLines } from './import-summary.js';
import { scan, type Scan } from './scan.js';

interface Options {
  release?: string;
  withdrawMissing?: boolean;
  dryRun?: boolean;
  wait: boolean;
}

export function registerImport(program: Command): void {
  program
    .command('import')
    .description('publish other datasets as reports')
    .command('ucdp <file>')
    .description('publish a UCDP GED or Candidate file (.csv, .csv.gz, .zip) as reports')
    .option(
      '--release <name>',
      'release of the file: 25.1, 24.0.5 or 24.01.24.09 (else from its name, else its newest year + 1)',
    )
    .option(
      '--withdraw-missing',
      'withdraw what earlier imports recorded for the same countries and period and the file no longer has',
    )
    .option('--dry-run', 'read, map and validate only; send nothing')
    .option('--no-wait', 'return when Kafka has the messages, before the log has them')
    .action(action(importUcdp));
}

async function importUcdp(context: Context, file: string, options: Options): Promise<number> {
  if (options.withdrawMissing && (!options.wait || options.dryRun)) {
    throw usageError('--withdraw-missing needs the log to be up to date: leave out --no-wait and --dry-run.');
  }
  const scanned = await scanFile(file, options.release ?? null);
  const { release } = scanned;
  context.output.note(
    `UCDP release ${release.name} (from ${scanned.releaseFrom}), ${scanned.rows} rows, revision ${release.revision}`,
  );
  const found = emptyMapped();
  const result: ImportResult = {
    file,
    release: release.name,
    releaseFrom: scanned.releaseFrom,
    publishedAt: release.publishedAt,
    rows: scanned.rows,
    published: null,
    taken: null,
    withdrawn: null,
    withoutCountry: 0,
    problems: found.problems,
  };
  if (options.dryRun) for await (const _ of mapRows(file, release, countryOf, found));
  else
    await publishFile(context, {
      file,
      scanned,
      found,
      result,
      wait: options.wait,
      withdrawMissing: options.withdrawMissing === true,
    });
  result.withoutCountry = found.withoutCountry;
  reportRowProblems(found.problems, context.output);
  context.output.result(result, summaryLines(result));
  return found.problems.length > 0 || (result.taken?.rejected ?? 0) > 0 ? EXIT.failed : EXIT.ok;
}

async function scanFile(file: string, release: string | null): Promise<Scan> {
  await access(file).catch(() => {
    throw usageError(`${file} is not there or cannot be read.`);
  });
  return scan(file, release).catch((error: unknown) => {
    if (error instanceof UnreadableFileError || error instanceof UnknownReleaseError) {
      throw usageError(`${file}: ${error.message}`);
    }
    throw error;
  });
}
