import { describe, expect, it } from '@jest/globals';
import { createLogger, errorForLog } from '#app/runtime';
import { DatabaseError } from 'pg';
import { QueryFailedError } from 'typeorm';

const SECRET = 'telephone of the witness';

function refusal(): DatabaseError {
  const error = new DatabaseError(`invalid input syntax for type date: "${SECRET}"`, 1, 'error');
  return Object.assign(error, {
    severity: 'ERROR',
    code: '22007',
    detail: `Key (name)=(${SECRET}) already exists.`,
    where: `COPY report_1, line 1: "${SECRET}"`,
    routine: 'DateTimeParseError',
  });
}

function notJson(): unknown {
  try {
    return JSON.parse(SECRET);
  } catch (error) {
    return error;
  }
}

const wrapped = new Error(`event 7 cannot be folded: ${refusal().message}`, { cause: refusal() });

describe('an error in a log', () => {
  it.each([
    ['of PostgreSQL', refusal()],
    ['of TypeORM', new QueryFailedError('SELECT $1', [SECRET], refusal())],
    ['of ours with such a cause', wrapped],
    ['of a text that is no JSON', notJson()],
    ['that is none', SECRET],
  ])('%s holds no value', (_, error) => {
    expect(JSON.stringify(errorForLog(error))).not.toContain(SECRET);
  });

  it('says what PostgreSQL calls it, and where it was thrown', () => {
    expect(errorForLog(refusal())).toMatchObject({
      type: 'error',
      code: '22007',
      message: 'PostgreSQL 22007 ERROR in DateTimeParseError',
      stack: expect.stringContaining('error-for-log.unit.spec'),
    });
    expect(errorForLog(wrapped)).toMatchObject({
      message: 'event 7 cannot be folded: PostgreSQL 22007 ERROR in DateTimeParseError',
      cause: { code: '22007' },
    });
    expect(errorForLog(new Error('the checkpoint moved'))).toMatchObject({ message: 'the checkpoint moved' });
  });

  it('is so in every line of a logger, whichever way it is given', () => {
    const lines: string[] = [];
    const logger = createLogger('test', { write: (line: string) => lines.push(line) });
    const error = refusal();
    logger.error(error);
    logger.error({ err: error });
    logger.error({ err: error }, error.message);
    logger.error(error, 'a batch failed');
    expect(lines.join('')).not.toContain(SECRET);
    expect(lines.map((line) => (JSON.parse(line) as { err: object }).err)).toEqual(
      Array(4).fill(expect.objectContaining({ type: 'error', code: '22007' })),
    );
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      ...Array<string>(3).fill('PostgreSQL 22007 ERROR in DateTimeParseError'),
      'a batch failed',
    ]);
  });
});
