import { writeDurably } from '#app/transparency';
import path from 'node:path';
import { EXIT } from '../exit-codes.js';
import { count, type Output } from '../terminal/output.js';
import type { Written } from './whole-file.js';

/** What a file that was exported is: lies beside it as `<file>.manifest.json`. */
export interface ExportManifest extends Written {
  export: string;
  format: string;
  rows: number;
  /** The state that it was read at: the same export as of this position is the same again. */
  asOf: unknown;
  /** Signed note of the log that was published then; null: none was, or it could not be asked. */
  checkpoint: string | null;
}

/** Beside a file goes its manifest; of standard output it goes to standard error, as one line. */
export async function tell(manifest: ExportManifest, { out }: { out?: string }, output: Output): Promise<number> {
  if (out === undefined) {
    output.note(JSON.stringify(manifest));
    return EXIT.ok;
  }
  const file = `${out}.manifest.json`;
  await writeDurably(path.dirname(file), [
    { path: path.basename(file), bytes: `${JSON.stringify(manifest, null, 2)}\n` },
  ]);
  output.result({ file: out, manifest: file, ...manifest }, [
    `${out}: ${count(manifest.rows)} rows, ${count(manifest.bytes)} bytes, SHA-256 ${manifest.sha256}`,
    `${file}: as of which position, and the signed checkpoint`,
  ]);
  return EXIT.ok;
}
