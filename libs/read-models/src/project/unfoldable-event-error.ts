/**
 * An event that cannot be read or folded. It stops the projection: leaving it out would make every later figure wrong.
 */
export class UnfoldableEventError extends Error {
  constructor(
    readonly position: number,
    cause: unknown,
  ) {
    super(
      `the event at position ${position} cannot be folded: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
    this.name = 'UnfoldableEventError';
  }
}
