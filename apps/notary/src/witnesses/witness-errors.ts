/** The witness has cosigned more than our log holds: evidence that our log was rolled back or forked. */
export class AheadError extends Error {
  override readonly name = 'AheadError';
}

/** The witness has cosigned another history than ours: evidence that our log was forked. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
}
