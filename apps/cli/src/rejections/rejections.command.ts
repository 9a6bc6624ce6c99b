import type { Command } from 'commander';
import { action, type Context } from '../command-context.js';
import { EXIT, usageError } from '../exit-codes.js';
import { callApi } from '../http-api.js';
import { table } from '../terminal/output.js';
import { readRejectedBytes } from './rejected-bytes.js';

/** As the audit API gives it. */
interface Rejection {
  id: string;
  status: string;
  position: number;
  receivedAt: string;
  topic: string;
  partition: number;
  offset: number;
  stage: string;
  code: string;
  problems: { pointer: string; code: string; detail?: string }[];
  ceSource: string | null;
  ceId: string | null;
  ceType: string | null;
  bytes: number;
}

interface ListOptions {
  status: string;
  code?: string;
  source?: string;
  limit: string;
}

interface DecisionOptions {
  reason: string;
  by?: string;
}

export function registerRejections(program: Command): void {
  const rejections = program.command('rejections').description('messages that could not be recorded');
  rejections
    .command('list')
    .description('rejections in the order in which they were refused')
    .option('--status <status>', 'OPEN, REQUEUED, DISCARDED or ALL', 'OPEN')
    .option('--code <code>', 'only this rejection code')
    .option('--source <uri>', 'only this CloudEvents source')
    .option('--limit <n>', 'at most so many', '100')
    .action(action(list));
  rejections
    .command('show <id>')
    .description('one rejection with every problem')
    .option('--bytes', 'also the message itself; needs DATABASE_URL and LEDGER_MASTER_KEY_FILE')
    .action(action(show));
  for (const [name, description] of [
    ['requeue', 'have messages processed again, as they are'],
    ['discard', 'close rejections without processing their messages'],
  ] as const) {
    rejections
      .command(`${name} <id...>`)
      .description(`${description}; a recorded decision`)
      .requiredOption('--reason <text>', 'why; it is recorded')
      .option('--by <name>', 'who decides; it is recorded. With a token it is who the token names')
      .action(action((context, ids: string[], options: DecisionOptions) => decide(context, name, ids, options)));
  }
}

async function list({ environment, output }: Context, options: ListOptions): Promise<number> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1) throw usageError('--limit must be a whole number from 1.');
  const parameters = new URLSearchParams({ limit: String(Math.min(limit, 10_000)) });
  if (options.status !== 'ALL') parameters.set('status', options.status);
  if (options.code !== undefined) parameters.set('code', options.code);
  if (options.source !== undefined) parameters.set('source', options.source);
  const url = `${environment.auditUrl}/v1/rejections?${parameters.toString()}`;
  const { data, total } = await callApi<{ data: Rejection[]; total: number }>('audit-api', url);
  output.result({ data, total }, [
    ...(data.length === 0
      ? []
      : table(['rejection', 'received', 'status', 'code', 'topic/partition@offset', 'source', 'id'], data.map(row))),
    `${data.length} of ${total}`,
  ]);
  return EXIT.ok;
}

function row(rejection: Rejection): string[] {
  const { id, receivedAt, status, code, ceSource, ceId } = rejection;
  return [id, receivedAt.slice(0, 19), status, code, coordinates(rejection), ceSource ?? '–', ceId ?? '–'];
}

function coordinates({ topic, partition, offset }: Rejection): string {
  return `${topic}/${partition}@${offset}`;
}

async function show({ environment, output }: Context, id: string, options: { bytes?: boolean }): Promise<number> {
  const url = `${environment.auditUrl}/v1/rejections/${encodeURIComponent(id)}`;
  const rejection = await callApi<Rejection>('audit-api', url);
  const message = options.bytes === true ? await readRejectedBytes(environment, id) : null;
  output.result(message === null ? rejection : { ...rejection, message }, [
    `${rejection.id}  ${rejection.status}  ${rejection.code} (${rejection.stage})`,
    `received ${rejection.receivedAt} from ${coordinates(rejection)}, ${rejection.bytes} bytes, log position ${rejection.position}`,
    `CloudEvent ${rejection.ceSource ?? '–'} ${rejection.ceId ?? '–'} ${rejection.ceType ?? '–'}`,
    ...rejection.problems.map(
      ({ pointer, code, detail }) => `  ${pointer || '(the message)'}  ${code}${detail ? `  ${detail}` : ''}`,
    ),
    ...(message === null
      ? []
      : [
          ...Object.entries(message.headers).flatMap(([name, values]) =>
            values.map((value) => `header ${name}: ${value}`),
          ),
          `key ${message.key ?? '–'}`,
          message.value ?? '(no value)',
        ]),
  ]);
  return EXIT.ok;
}

async function decide(
  { environment, output }: Context,
  name: 'requeue' | 'discard',
  ids: readonly string[],
  { reason, by }: DecisionOptions,
): Promise<number> {
  const answers: unknown[] = [];
  const author = by === undefined ? defaultAuthor() : { by };
  for (const id of ids) {
    const url = `${environment.auditUrl}/v1/rejections/${encodeURIComponent(id)}/${name}`;
    answers.push(await callApi('audit-api', url, { method: 'POST', body: { reason, ...author } }));
  }
  output.result(answers, [
    `${ids.length} decision${ids.length === 1 ? '' : 's'} sent through Kafka; ledger rejections show <id> tells when the log has them`,
  ]);
  return EXIT.ok;
}

/** With a token the API knows who decides; without one it believes the account that runs this. */
function defaultAuthor(): { by?: string } {
  const { LEDGER_TOKEN, LEDGER_TOKEN_FILE, USER } = process.env;
  return LEDGER_TOKEN || LEDGER_TOKEN_FILE ? {} : { by: USER || 'operator' };
}
