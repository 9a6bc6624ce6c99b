/** A text has not the form that its C2SP specification gives it. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** A signature, a proof or a tree does not verify: somebody did what they must not. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
}

/** A file of keys cannot be used. The message says what to do. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}
