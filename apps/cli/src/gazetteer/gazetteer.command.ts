import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { BOUNDARY_SET } from '#app/geography';
import {
  type BoundarySetContent,
  builtInSha256,
  findNewestSet,
  listBoundarySets,
  loadContent,
  lockSet,
  writeBoundarySet,
  type Written,
} from '#app/gazetteer';
import { createPool, withTransaction } from '#app/runtime';
import type { Pool, PoolClient } from 'pg';
import { action, type Context } from '../command-context.js';
import { type Environment, needDatabase } from '../environment.js';
import { CommandError, EXIT, usageError } from '../exit-codes.js';
import { count, table } from '../terminal/output.js';
import { decisionOf } from '../decide/decide.command.js';
import { sendDecision } from '../decide/send-decision.js';
import { auditPool } from '../publishing/await-log.js';
import { activeSets } from './active-sets.js';
import { derive, readParents, withLevel } from './combine.js';
import { readFeatures } from './features.js';
import { readNames } from './names-file.js';
import { type FeatureProblem, type Level, toAreas } from './to-areas.js';

interface ImportOptions {
  level: string;
  boundary: string;
  validFrom?: string;
  validTo?: string;
  names?: string;
  object?: string;
}

export function registerGazetteer(program: Command): void {
  const gazetteer = program.command('gazetteer').description('boundary sets: import, derive, list, activate');
  gazetteer
    .command('import <file>')
    .description('keep one level of a boundary set: COD-AB GeoJSON, or Natural Earth TopoJSON or GeoJSON (level 1)')
    .requiredOption('--level <0..3>', '0 countries, 1 governorates, 2 districts, 3 subdistricts; the coarser first')
    .requiredOption('--boundary <name>', 'name of the set, for instance cod-ab')
    .option('--valid-from <date>', 'first day on which these borders hold (else as the file says)')
    .option('--valid-to <date>', 'last day on which they hold')
    .option('--names <file.csv>', 'further names of areas, columns code and name')
    .option('--object <name>', 'object of a TopoJSON topology that has several')
    .action(action(importLevel));
  gazetteer
    .command('derive <name>')
    .description('keep a set that is another one but for the parents of disputed areas')
    .requiredOption('--from <set>', 'the imported set to start from')
    .option('--parents <file.json>', 'area code to code of the area above; without it Makhmur goes under Ninewa')
    .action(action(deriveSet));
  gazetteer
    .command('list')
    .description('imported sets, the newest version of each marked, and which version is active since when')
    .action(action(list));
  gazetteer
    .command('activate <name>')
    .description('have incidents placed by an imported set from now on, and those recorded before; a recorded decision')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .option('--by <name>', 'who decides; it is recorded', process.env['USER'] || 'operator')
    .action(action(activateSet));
}

async function importLevel({ environment, output }: Context, file: string, options: ImportOptions): Promise<number> {
  const level = levelOf(options.level);
  const boundary = nameOf(options.boundary);
  const [validFrom, validTo] = [dateOf('--valid-from', options.validFrom), dateOf('--valid-to', options.validTo)];
  const names =
    options.names === undefined ? new Map<string, string[]>() : readNames(await read(options.names), options.names);
  const features = readFeatures(await read(file), file, options.object);
  const progress = output.progress('reading', features.length, 'features');
  const mapped = toAreas(features, { level, validFrom, validTo, names });
  progress.update(features.length);
  progress.stop();
  if (mapped.problems.length > 0) throw refused(file, mapped.problems);
  const written = await inSet(environment, boundary, async (tx, set) => {
    const { content, problems } = withLevel(set, mapped.areas, level);
    if (problems.length > 0) throw refused(file, problems);
    return writeBoundarySet(tx, content);
  });
  for (const { feature, code, problem } of mapped.skipped)
    output.note(`left out feature ${feature} (${code ?? '–'}): ${problem}`);
  output.result({ boundary, level, features: features.length, skipped: mapped.skipped, ...written }, [
    `${boundary}: ${count(mapped.areas.length)} areas of level ${level}, ${count(written.areas)} in all, sha256 ${written.sha256}`,
    nextStep(boundary, written),
  ]);
  return EXIT.ok;
}

async function deriveSet(
  { environment, output }: Context,
  name: string,
  options: { from: string; parents?: string },
): Promise<number> {
  const boundary = nameOf(name);
  const parents = readParents(
    options.parents === undefined ? null : await read(options.parents),
    options.parents ?? '',
  );
  const written = await inSet(environment, boundary, async (tx) => {
    const from = await findNewestSet(tx, options.from);
    if (from === null) throw usageError(`there is no imported set ${options.from} (ledger gazetteer list).`);
    return writeBoundarySet(tx, derive(await loadContent(tx, from), boundary, parents));
  });
  output.result({ boundary, from: options.from, parents, ...written }, [
    `${boundary}: ${options.from} with ${Object.entries(parents)
      .map(([code, parent]) => `${code} under ${parent}`)
      .join(', ')}; sha256 ${written.sha256}`,
    nextStep(boundary, written),
  ]);
  return EXIT.ok;
}

function nextStep(boundary: string, { changed }: Written): string {
  return changed
    ? `A new version: figures use it from its activation on (ledger gazetteer activate ${boundary}); one that is active stays as it was until then.`
    : 'No change: the newest version has this content already.';
}

async function list({ environment, output }: Context): Promise<number> {
  const pool = gazetteerPool(environment);
  const logPool = auditPool(environment);
  try {
    const active = await activeSets(logPool);
    const activeFrom = (name: string, sha256: string): number | null => {
      const found = active.get(name);
      return found?.sha256 === sha256 ? found.position : null;
    };
    const sets = (await listBoundarySets(pool)).map((set) => ({
      ...set,
      activeFrom: activeFrom(set.name, set.sha256),
    }));
    const newest = new Map(sets.map(({ name, setId }) => [name, setId]));
    const sha256 = builtInSha256();
    const builtIn = { name: BOUNDARY_SET, sha256, activeFrom: activeFrom(BOUNDARY_SET, sha256) };
    output.result({ builtIn, sets }, [
      ...table(
        ['set', 'version', 'active from', 'areas', 'derived from', 'valid', 'imported', 'sha256'],
        [
          [BOUNDARY_SET, 'built in', builtIn.activeFrom, null, null, null, null, sha256.slice(0, 12)],
          ...sets.map((set) => [
            set.name,
            newest.get(set.name) === set.setId ? `${set.setId} (newest)` : String(set.setId),
            set.activeFrom,
            set.areas,
            set.derivedFrom,
            `${set.validFrom ?? ''}…${set.validTo ?? ''}`,
            set.importedAt.toISOString().slice(0, 19),
            set.sha256.slice(0, 12),
          ]),
        ],
      ),
    ]);
    return EXIT.ok;
  } finally {
    await Promise.all([pool.end(), logPool.end()]);
  }
}

async function activateSet(context: Context, name: string, options: { reason: string; by: string }): Promise<number> {
  if (name !== BOUNDARY_SET) {
    const pool = gazetteerPool(context.environment);
    const newest = await findNewestSet(pool, name).finally(() => pool.end());
    if (newest === null) throw usageError(`there is no imported set ${name} (ledger gazetteer list).`);
  }
  const code = await sendDecision(context, decisionOf('ACTIVATE_BOUNDARY_SET', { name }, options));
  if (code === EXIT.ok) {
    context.output.note(`New reports are placed by ${name}; those recorded before follow in the background.`);
  }
  return code;
}

function gazetteerPool(environment: Environment): Pool {
  const databaseUrl = needDatabase(environment);
  return createPool(databaseUrl, {
    role: 'ledger_gazetteer',
    max: 1,
    applicationName: 'ledger-cli-gazetteer',
    statementTimeoutMs: 120_000,
  });
}

/** Changes one set, alone, in one transaction. */
async function inSet(
  environment: Environment,
  boundary: string,
  work: (tx: PoolClient, set: BoundarySetContent) => Promise<Written>,
): Promise<Written> {
  const pool = gazetteerPool(environment);
  try {
    return await withTransaction(pool, async (tx) => {
      await lockSet(tx, boundary);
      const newest = await findNewestSet(tx, boundary);
      const empty = { name: boundary, derivedFrom: null, validFrom: null, validTo: null, areas: [] };
      return work(tx, newest === null ? empty : await loadContent(tx, newest));
    });
  } finally {
    await pool.end();
  }
}

const PROBLEMS_SHOWN = 20;

function refused(file: string, problems: readonly FeatureProblem[]): CommandError {
  const lines = problems
    .slice(0, PROBLEMS_SHOWN)
    .map(
      ({ feature, code, problem }) =>
        `\n  ${feature > 0 ? `feature ${feature}` : 'area'} (${code ?? 'no code'}): ${problem}`,
    );
  const more = problems.length > PROBLEMS_SHOWN ? `\n  … and ${problems.length - PROBLEMS_SHOWN} more` : '';
  return usageError(`${file}: nothing was imported, because of ${problems.length} feature(s):${lines.join('')}${more}`);
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw usageError(`${file} cannot be read: ${(error as Error).message}.`);
  });
}

function levelOf(text: string): Level {
  const level = Number(text);
  if (![0, 1, 2, 3].includes(level) || text.trim() === '') throw usageError('--level must be 0, 1, 2 or 3.');
  return level as Level;
}

function nameOf(text: string): string {
  if (!/^[a-z][a-z0-9-]{1,39}$/.test(text))
    throw usageError('the name of a set is small letters, digits and hyphens, as cod-ab.');
  if (text === BOUNDARY_SET) throw usageError(`${BOUNDARY_SET} is built in: give the import another name.`);
  return text;
}

function dateOf(option: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  const date = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text) {
    throw usageError(`${option} must be a day as 2019-06-03.`);
  }
  return text;
}
