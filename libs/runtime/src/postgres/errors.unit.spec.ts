import { describe, expect, it } from '@jest/globals';
import { isTransient } from './errors.js';

const withCode = (message: string, code: string): Error => Object.assign(new Error(message), { code });

describe('what passes by itself', () => {
  it.each([
    ['a killed connection', withCode('terminating connection due to administrator command', '57P01'), true],
    ['a closed database', withCode('database "ledger" is not currently accepting connections', '55000'), true],
    ['a server that is not there', new AggregateError([withCode('connect', 'ECONNREFUSED')]), true],
    ['a reason below', new Error('cannot record', { cause: withCode('deadlock detected', '40P01') }), true],
    ['another error of state 55000', withCode('cannot lock rows in view', '55000'), false],
    ['a violated rule', withCode('value too long', '22001'), false],
  ])('%s', (_name, error, expected) => {
    expect(isTransient(error)).toBe(expected);
  });
});
