import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';

const CHUNK = 4 * 1024 * 1024;

/** A text or bytes, in every form in which a program of ours, PostgreSQL or Kafka may have written them. */
export function formsOf(wanted: string | Buffer): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(wanted as string);
  const hex = bytes.toString('hex');
  const forms = new Map<string, Buffer>([
    ['as it is', bytes],
    ['hex', Buffer.from(hex)],
    ['HEX', Buffer.from(hex.toUpperCase())],
  ]);
  for (const shift of [0, 1, 2]) {
    for (const encoding of ['base64', 'base64url'] as const) {
      forms.set(`${encoding} ${shift}`, Buffer.from(base64Within(bytes, shift, encoding)));
    }
  }
  if (typeof wanted === 'string') {
    forms.set('UTF-16', Buffer.from(wanted, 'utf16le'));
    forms.set('escaped JSON', Buffer.from(escaped(wanted)));
    forms.set('URL', Buffer.from(encodeURIComponent(wanted)));
  }
  return forms;
}

/** The characters that these bytes give wherever they stand in a longer text, `shift` bytes behind a group of three. */
function base64Within(bytes: Buffer, shift: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString(encoding)
    .replaceAll('=', '');
  const first = Math.ceil((shift * 8) / 6);
  const whole = Math.floor(((shift + bytes.length) * 8) / 6);
  return text.slice(first, whole);
}

function escaped(text: string): string {
  return Array.from({ length: text.length }, (_, index) => {
    const code = text.charCodeAt(index);
    return code < 0x80 ? text.charAt(index) : `\\u${code.toString(16).padStart(4, '0')}`;
  }).join('');
}

/** Forms of which the text holds at least one byte sequence. */
export function formsIn(content: Buffer | string, forms: ReadonlyMap<string, Buffer>): string[] {
  const bytes = Buffer.from(content as string);
  return [...forms].filter(([, form]) => bytes.includes(form)).map(([name]) => name);
}

/** Every file below a folder that holds one of the forms anywhere: `<path>: <form>`. Files that vanish are gone. */
export function searchFolder(folder: string, forms: ReadonlyMap<string, Buffer>): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    for (const form of formsInFile(file, forms)) found.push(`${path.relative(folder, file)}: ${form}`);
  }
  return found.toSorted();
}

function formsInFile(file: string, forms: ReadonlyMap<string, Buffer>): Set<string> {
  const found = new Set<string>();
  const overlap = Math.max(...[...forms.values()].map(({ length }) => length)) - 1;
  const window = Buffer.alloc(CHUNK + overlap);
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return found;
    throw error;
  }
  try {
    let kept = 0;
    for (;;) {
      const read = readSync(handle, window, kept, CHUNK, null);
      if (read === 0) return found;
      const filled = window.subarray(0, kept + read);
      for (const name of formsIn(filled, forms)) found.add(name);
      kept = Math.min(overlap, filled.length);
      filled.copy(window, 0, filled.length - kept);
    }
  } finally {
    closeSync(handle);
  }
}
