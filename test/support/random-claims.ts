/** Claims about totals, of every kind of value that the independent fold knows; some of another claimant. */
export function randomClaims(random: () => number): Record<string, unknown>[] {
  return ['KILLED', 'INJURED', 'CASUALTIES_UNSPECIFIED']
    .filter(() => random() < 0.7)
    .map((measure) => ({
      measure,
      value: randomValue(random),
      ...(random() < 0.2 ? { by: { name: 'D', kind: 'UN' } } : {}),
    }));
}

function randomValue(random: () => number): Record<string, unknown> {
  const lo = Math.floor(random() * 10);
  switch (Math.floor(random() * 6)) {
    case 0:
      return { qualifier: 'AT_LEAST', lo, hi: null };
    case 1:
      return { qualifier: 'BETWEEN', lo, hi: lo + Math.floor(random() * 6) };
    case 2:
      return { qualifier: 'UNKNOWN' };
    case 3:
      return { qualifier: 'NONE_REPORTED' };
    case 4:
      return { qualifier: 'BETWEEN', lo, hi: lo + 4, point: lo + 1 };
    default:
      return { qualifier: 'EXACT', lo, hi: lo };
  }
}
