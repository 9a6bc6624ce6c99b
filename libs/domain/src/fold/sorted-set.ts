/** Each value once, in the order of their code units. Most lists have one value or none. */
export function sortedSet(values: readonly string[]): string[] {
  return values.length < 2 ? [...values] : [...new Set(values)].toSorted();
}
