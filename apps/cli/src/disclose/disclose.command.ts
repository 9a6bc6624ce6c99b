import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { formatDisclosure, makeDisclosure } from '#app/log';
import { action, type Context } from '../command-context.js';
import { EXIT, usageError } from '../exit-codes.js';
import { readCommitted } from './committed-value.js';
import { fetchProof } from './fetch-proof.js';

interface Options {
  out?: string;
  auditUrl?: string;
}

export function registerDisclose(program: Command): void {
  program
    .command('disclose <position> <pointer>')
    .description('show one committed value with its salt and proof, so that others can check it against the public log')
    .option('--out <file>', 'write it to a new file that only you can read, not to standard output')
    .option('--audit-url <url>', 'where the proof comes from; default LEDGER_AUDIT_URL')
    .action(action(disclose));
}

async function disclose(
  { environment, output }: Context,
  text: string,
  pointer: string,
  { out, auditUrl }: Options,
): Promise<number> {
  const position = Number(text);
  if (!/^\d{1,15}$/.test(text)) throw usageError('Give the position of the event as a whole number.');
  if (!pointer.startsWith('/')) throw usageError('Give the value by its JSON Pointer, for instance /summary.');
  const committed = await readCommitted(environment, position, pointer);
  const { proof, missing } = await fetchProof(auditUrl ?? environment.auditUrl, position, committed.leaf);
  if (missing !== null) output.note(`${missing}; the disclosure has no proof, so whoever checks it must know the leaf`);
  const disclosure = formatDisclosure(makeDisclosure(committed.leaf, { pointer, opening: committed.opening, proof }));
  if (out === undefined) {
    process.stdout.write(disclosure);
    return EXIT.ok;
  }
  writeNew(out, disclosure);
  output.result({ file: out, position, pointer, hasProof: proof !== null }, [
    `The value at ${pointer} of the event at position ${position} is in ${out}, with its salt${proof === null ? '' : ' and proof'}.`,
  ]);
  return EXIT.ok;
}

/** It may hold what no reader is shown: readable by its owner only. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw usageError(code === 'EEXIST' ? `${file} is there already.` : `${file} cannot be written: ${code ?? ''}`);
  }
}
