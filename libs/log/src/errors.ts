/** A leaf would be larger than an entry bundle of the transparency log allows. Permanent: the message is rejected. */
export class LeafTooLargeError extends Error {
  override readonly name = 'LeafTooLargeError';
  readonly code = 'LEAF_TOO_LARGE';

  constructor(readonly bytes: number) {
    super(`the leaf would have ${bytes} bytes, more than ${MAX_LEAF_BYTES}`);
  }
}

/** Upper limit of a leaf in UTF-8 bytes, the spliced position and moment included (architecture §2). */
export const MAX_LEAF_BYTES = 61_440;

/** A value has no canonical JSON text, or cannot be stored: lone surrogate, NaN, control character in an identifier. Permanent. */
export class NotCanonicalError extends Error {
  override readonly name = 'NotCanonicalError';
  readonly code = 'NOT_CANONICAL';
}

/**
 * Somebody else was first: wrote the same version of a stream, recorded the same delivery, or is making the partition
 * that the batch needs (`EventPartitions.prepareFor()` makes sure of it). The batch must be decided again.
 */
export class ConcurrencyError extends Error {
  override readonly name = 'ConcurrencyError';
}

/**
 * The clock is more than 60 s behind the head of the log. Transient: passes when the clock catches up or is set right.
 * `code` is PostgreSQL's `cannot_connect_now`, so that whoever asks "is this transient?" by code hears yes.
 */
export class ClockBehindError extends Error {
  override readonly name = 'ClockBehindError';
  readonly code = '57P03';
}

/** There is no log with this number in the database: `createLog` has not run. */
export class NoSuchLogError extends Error {
  override readonly name = 'NoSuchLogError';
}

/** The master key cannot be read, or is not the one that wrapped the keys in the vault. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError';
}

/**
 * The secrets of the log are wrapped by a master key that the file does not hold yet: it was changed elsewhere. Transient,
 * with the code of a database that is not ready: recording waits for the file and refuses no message.
 */
export class MasterKeyMissingError extends Error {
  override readonly name = 'MasterKeyMissingError';
  readonly code = '57P03';
}

/** A recorded event that this version cannot read: another envelope, an unknown type, not a leaf at all. */
export class UnreadableLeafError extends Error {
  override readonly name = 'UnreadableLeafError';
}

/** Something sealed does not open, or is not what the leaf committed to: tampering or the wrong key, never an erasure. */
export class SealBrokenError extends Error {
  override readonly name = 'SealBrokenError';
}

/** A disclosure file that is none: members missing, of another type, or of another version. */
export class MalformedDisclosureError extends Error {
  override readonly name = 'MalformedDisclosureError';
}
