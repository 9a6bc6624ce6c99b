const KEPT_MAX = 10_000;
const KEY_MAX = 160;

/**
 * Providers repeat few spellings and points, and finding one takes longer than looking it up: what was found is kept, up to a
 * limit. Long keys are found anew, so that nobody's text fills the memory.
 */
export function remembering<T>(find: (key: string) => T): (key: string) => T {
  const seen = new Map<string, { found: T }>();
  return (key) => {
    const known = seen.get(key);
    if (known !== undefined) return known.found;
    const found = find(key);
    if (key.length > KEY_MAX) return found;
    if (seen.size >= KEPT_MAX) seen.clear();
    seen.set(key, { found });
    return found;
  };
}
