/**
 * Why the notary does not sign. Each is a state, not a crash: it says what to do, and the notary looks again by itself.
 *
 * - `ORIGIN_DIFFERS`: the log in the database has another name than the configuration
 * - `CHECKPOINT_NOT_OURS`: no key of the key file signed the published checkpoint
 * - `TILES_DAMAGED`: the tiles do not give the root that was signed
 * - `LOG_BEHIND_CHECKPOINT`: the log ends before what was signed (a restored backup)
 * - `LOG_FORKED`: the log holds something else than what was signed
 * - `LOG_INCOMPLETE`: a position is missing
 */
export type RefusalCode =
  | 'ORIGIN_DIFFERS'
  | 'CHECKPOINT_NOT_OURS'
  | 'TILES_DAMAGED'
  | 'LOG_BEHIND_CHECKPOINT'
  | 'LOG_FORKED'
  | 'LOG_INCOMPLETE';

export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: RefusalCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function tilesDamaged(what: string, cause?: unknown): Refusal {
  return new Refusal(
    'TILES_DAMAGED',
    `${what}. Restore the folder from a backup, or rename it away: an empty folder is written anew from the log, and must give every root that was signed`,
    { cause },
  );
}

/** @param ends the last position of the log; @param signed the last one that is under a checkpoint */
export function logBehind({ ends, signed }: { ends: number; signed: number }): Refusal {
  return new Refusal(
    'LOG_BEHIND_CHECKPOINT',
    `the log ends at position ${ends}, and position ${signed} was signed: the database is older than what was published. ` +
      `Stop ingest before it records anything new, and restore a backup with the archived WAL up to position ${signed}`,
  );
}

const FORKED =
  'Stop ingest. The database was altered, or an old backup of it was written on: restore one that holds what was signed. Nothing that was signed can be taken back';

/** @param position the first one that differs */
export function logForked(position: number): Refusal {
  return new Refusal('LOG_FORKED', `position ${position} of the log is not what was signed. ${FORKED}`);
}

/** When only roots were left to compare with. */
export function logForkedBetween(from: number, to: number): Refusal {
  return new Refusal(
    'LOG_FORKED',
    `a position from ${from} to ${to} of the log is not what was signed, the first that differs. ${FORKED}`,
  );
}
