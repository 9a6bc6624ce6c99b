import { createReadStream } from 'node:fs';

/** One line of a file as its bytes: decoding would hide what the contract refuses (bad UTF-8, byte order marks). */
export interface Line {
  /** From 1. */
  line: number;
  bytes: Buffer;
}

const NEWLINE = 0x0a;

/** The lines that are not blank. A carriage return at the end goes away, as NDJSON files from Windows have it. */
export async function* readLines(file: string): AsyncGenerator<Line> {
  let rest: Buffer[] = [];
  let line = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      line += 1;
      const bytes = trimmed(Buffer.concat([...rest, chunk.subarray(start, end)]));
      rest = [];
      start = end + 1;
      if (bytes.length > 0) yield { line, bytes };
    }
    rest.push(chunk.subarray(start));
  }
  const last = trimmed(Buffer.concat(rest));
  if (last.length > 0) yield { line: line + 1, bytes: last };
}

function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && [0x20, 0x09, 0x0d].includes(bytes[end - 1] ?? 0)) end -= 1;
  return bytes.subarray(0, end);
}
