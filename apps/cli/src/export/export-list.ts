import { Readable } from 'node:stream';
import type { Context } from '../command-context.js';
import { usageError } from '../exit-codes.js';
import { callApi, callText } from '../http-api.js';
import type { Progress } from '../terminal/progress.js';
import { type ExportManifest, tell } from './tell-export.js';
import { writeWhole } from './whole-file.js';

export interface ListOptions {
  query?: string;
  format: string;
  page: string;
  out?: string;
}

interface Page {
  data: unknown[];
  next: string | null;
  asOf: { position: number };
}

/** A list of the query API whole, page by page, all of them as of one position of the log. */
export async function exportList(context: Context, list: string, options: ListOptions): Promise<number> {
  const { environment, output } = context;
  if (options.format !== 'csv' && options.format !== 'ndjson') throw usageError('--format must be csv or ndjson.');
  const query = new URLSearchParams(options.query ?? '');
  for (const name of ['limit', 'cursor', 'format']) {
    if (query.has(name)) throw usageError(`${name} is not for --query: an export is whole.`);
  }
  const url = (more: Record<string, string>): string =>
    `${environment.queryUrl}/v1/${list}?${new URLSearchParams([...query, ...Object.entries(more)]).toString()}`;
  const { asOf } = await callApi<Page>('query-api', url({ limit: '1' }));
  // Every page of the same state, whatever is recorded meanwhile.
  if (!query.has('asOf')) query.set('asOf', String(asOf.position));
  const progress = output.progress('exporting', null, 'rows');
  const rows = { count: 0 };
  const pages = options.format === 'csv' ? csvPages : ndjsonPages;
  const first = url({ limit: options.page, format: options.format === 'csv' ? 'csv' : 'json' });
  const written = await writeWhole(Readable.from(pages(first, rows, progress)), options.out).finally(() =>
    progress.stop(),
  );
  const manifest: ExportManifest & { query: string } = {
    ...{ export: list, format: options.format, query: query.toString(), rows: rows.count, ...written, asOf },
    checkpoint: await publishedCheckpoint(environment.auditUrl),
  };
  return tell(manifest, options, output);
}

async function* ndjsonPages(
  url: string,
  rows: { count: number },
  progress: Progress,
): AsyncGenerator<string, void, undefined> {
  for (let next: string | null = url; next !== null; ) {
    const page: Page = await callApi<Page>('query-api', next, { timeoutMs: PATIENCE_MS });
    rows.count += page.data.length;
    progress.update(rows.count);
    if (page.data.length > 0) yield page.data.map((row) => `${JSON.stringify(row)}\n`).join('');
    next = page.next;
  }
}

/** The heading, with HXL a second row of it, stands in every page, and once in the export. */
async function* csvPages(
  url: string,
  rows: { count: number },
  progress: Progress,
): AsyncGenerator<string, void, undefined> {
  const headings = new URL(url).searchParams.get('hxl') === 'true' ? 2 : 1;
  let isFirst = true;
  for (let next: string | null = url; next !== null; ) {
    const { text, link }: { text: string; link: string | null } = await callText('query-api', next, PATIENCE_MS);
    yield isFirst ? text : withoutLines(text, headings);
    rows.count += recordsIn(text) - headings;
    progress.update(rows.count);
    isFirst = false;
    next = /<([^>]+)>; rel="next"/.exec(link ?? '')?.[1] ?? null;
  }
}

function withoutLines(text: string, lines: number): string {
  let from = 0;
  for (let line = 0; line < lines; line += 1) from = text.indexOf('\n', from) + 1;
  return text.slice(from);
}

const PATIENCE_MS = 120_000;

/** Line breaks within quotes are part of a value. */
function recordsIn(csv: string): number {
  return csv.replaceAll(/"[^"]*"/g, '').split('\n').length - 1;
}

async function publishedCheckpoint(auditUrl: string): Promise<string | null> {
  return callText('audit-api', `${auditUrl}/log/checkpoint`, 5_000).then(
    ({ text }) => text,
    () => null,
  );
}
