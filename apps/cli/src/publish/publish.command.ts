import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { type Problem, TOPICS, TYPES } from '#app/contract';
import type { OutgoingMessage } from '#app/kafka';
import { action, type Context } from '../command-context.js';
import { EXIT, usageError } from '../exit-codes.js';
import { broker } from '../publishing/connect.js';
import { PatientProducer } from '../publishing/patient-producer.js';
import { sendAll } from '../publishing/send-all.js';
import { count, type Output } from '../terminal/output.js';
import { lineMessage } from './line-message.js';
import { readLines } from './read-lines.js';

interface Options {
  source?: string;
  withdrawals?: boolean;
  topic: string;
  skipInvalid?: boolean;
}

interface InvalidLine {
  line: number;
  problems: Problem[];
}

const SHOWN = 20;

export function registerPublish(program: Command): void {
  program
    .command('publish <file>')
    .description('publish an NDJSON file: CloudEvents, or plain report data with --source')
    .option('--source <uri>', 'CloudEvents source of plain data lines')
    .option('--withdrawals', 'plain data lines are withdrawals, not reports')
    .option('--topic <name>', 'topic to publish to', TOPICS.REPORTS)
    .option('--skip-invalid', 'send the valid lines although others are not (else none is sent)')
    .action(action(publish));
}

async function publish({ environment, output }: Context, file: string, options: Options): Promise<number> {
  await access(file).catch(() => {
    throw usageError(`${file} is not there or cannot be read.`);
  });
  const invalid: InvalidLine[] = [];
  let valid = 0;
  for await (const _ of messages(file, options, invalid)) valid += 1;
  reportInvalid(invalid, output);
  if (valid === 0 || (invalid.length > 0 && options.skipInvalid !== true)) {
    output.result({ topic: options.topic, acknowledged: 0, invalid }, [
      `0 messages sent: ${count(invalid.length)} of ${count(valid + invalid.length)} lines are invalid`,
    ]);
    return invalid.length > 0 ? EXIT.failed : EXIT.ok;
  }
  const producer = await PatientProducer.open(broker(environment), (line) => output.note(line));
  const progress = output.progress('publishing', valid, 'messages');
  try {
    const acknowledged = await sendAll(producer, options.topic, messages(file, options, []), (sent) =>
      progress.update(sent),
    );
    progress.stop();
    const skipped = invalid.length > 0 ? `, ${count(invalid.length)} invalid lines left out` : '';
    output.result({ topic: options.topic, acknowledged, invalid }, [
      `${count(acknowledged)} messages acknowledged by Kafka on ${options.topic}${skipped}`,
    ]);
  } finally {
    progress.stop();
    await producer.close();
  }
  return invalid.length > 0 ? EXIT.failed : EXIT.ok;
}

/** The valid lines; the others go to `invalid`. */
async function* messages(file: string, options: Options, invalid: InvalidLine[]): AsyncGenerator<OutgoingMessage> {
  const plain = { source: options.source ?? null, type: options.withdrawals ? TYPES.REPORT_WITHDRAWN : TYPES.REPORT };
  for await (const { line, bytes } of readLines(file)) {
    const read = lineMessage(bytes, options.topic, plain);
    if (read.kind === 'invalid') invalid.push({ line, problems: read.problems });
    else
      yield {
        key: read.key,
        value: read.value,
        headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8' },
      };
  }
}

function reportInvalid(invalid: readonly InvalidLine[], output: Output): void {
  for (const { line, problems } of invalid.slice(0, SHOWN)) {
    for (const { pointer, code, detail } of problems)
      output.note(`line ${line}: ${pointer || '(the message)'} ${code}: ${detail}`);
  }
  if (invalid.length > SHOWN) output.note(`… and ${invalid.length - SHOWN} more lines; --json lists them all`);
}
