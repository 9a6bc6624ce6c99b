/** The part of a token's payload that is read here. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * A claim by its name, or by a path with dots where it is nested. A claim whose name itself holds dots (an URL) comes first.
 *
 * @returns undefined where there is none
 */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path.split('.').reduce<unknown>((value, name) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    return (value as Claims)[name];
  }, claims);
}

/** Words of a claim: a list of texts, or one text with blanks between (as `scope` has it). Anything else holds none. */
export function wordsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '');
  return Array.isArray(claim) ? claim.filter((word): word is string => typeof word === 'string') : [];
}
