/** A cursor's sort keys here are one position. */
export function isPosition(after: readonly unknown[]): boolean {
  return after.length === 1 && typeof after[0] === 'number' && Number.isSafeInteger(after[0]);
}
