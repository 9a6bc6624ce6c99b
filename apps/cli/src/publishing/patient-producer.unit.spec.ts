import { passes } from './patient-producer.js';

/** Errors as the client builds them: its own wrapper around what went wrong. */
function wrapped(name: string, properties: object): Error {
  const cause = Object.assign(new Error('from the broker'), { name, ...properties });
  return Object.assign(new Error(cause.message, { cause }), { name: 'KafkaJSNonRetriableError', retriable: false });
}

describe('an error of the broker', () => {
  it.each([
    ['a refused connection', wrapped('KafkaJSConnectionError', { retriable: true }), true],
    ['a broker that is starting', wrapped('KafkaJSProtocolError', { retriable: true }), true],
    ['a closed producer', wrapped('KafkaJSError', { retriable: true }), true],
    ['a message that is too large', wrapped('KafkaJSProtocolError', { retriable: false }), false],
    ['wrong credentials', wrapped('KafkaJSSASLAuthenticationError', { retriable: false }), false],
  ])('%s', (_, error, mayPass) => {
    expect(passes(error)).toBe(mayPass);
  });
});
