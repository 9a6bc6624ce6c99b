/** The state of a witness cannot be used, or must not be. The message says what to do. */
export class StateError extends Error {
  override readonly name = 'StateError';
}
