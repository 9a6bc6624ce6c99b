import { type Problem, TOPICS } from '#app/contract';
import type { Context } from '../command-context.js';
import { EXIT } from '../exit-codes.js';
import { auditPool } from '../publishing/await-log.js';
import { broker } from '../publishing/connect.js';
import { PatientProducer } from '../publishing/patient-producer.js';
import { awaitDecision, type Outcome } from './await-decision.js';
import { decisionMessage } from './decision-message.js';

/** CloudEvents source of what this command line decides, where none is given. */
export const DEFAULT_SOURCE = 'urn:conflict-ledger:cli';

/**
 * Sends one decision through Kafka, as every change of the history goes, and tells what became of it.
 * @returns exit code 0 when it was recorded, 1 when it is invalid or was refused
 */
export async function sendDecision(
  { environment, output }: Context,
  bytes: Buffer,
  source: string = DEFAULT_SOURCE,
): Promise<number> {
  const message = decisionMessage(bytes, source);
  if (message.kind === 'invalid') {
    output.result({ outcome: 'INVALID', problems: message.problems }, [
      'nothing was sent: the decision is not valid',
      ...message.problems.map(sentenceOf),
    ]);
    return EXIT.failed;
  }
  const producer = await PatientProducer.open(broker(environment), (line) => output.note(line));
  const pool = auditPool(environment);
  try {
    const { id, key, value } = message;
    const headers = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
    await producer.send(TOPICS.DECISIONS, [{ key, value, headers }]);
    const outcome = await awaitDecision(pool, message);
    output.result({ id, source: message.source, ...outcome }, linesOf(outcome));
    return outcome.outcome === 'RECORDED' ? EXIT.ok : EXIT.failed;
  } finally {
    await producer.close();
    await pool.end();
  }
}

function linesOf(outcome: Outcome): string[] {
  if (outcome.outcome === 'RECORDED') {
    const { position, type, event, stream, streamVersion } = outcome;
    return [
      `recorded at position ${position} as ${type}`,
      `event ${event}`,
      `stream ${stream}, now at version ${streamVersion}`,
    ];
  }
  return [`refused: ${outcome.code} (rejection ${outcome.rejection})`, ...outcome.problems.map(sentenceOf)];
}

function sentenceOf({ pointer, code, detail }: Pick<Problem, 'pointer'> & { code: string; detail?: string }): string {
  return `  ${pointer || '(the decision)'}  ${code}${detail === undefined ? '' : `  ${detail}`}`;
}
