const MEMBER_NAME_MAX = 64;
const HALF_A_CHARACTER = /\p{Surrogate}$/u;

/**
 * One reference token of an RFC 6901 JSON Pointer. A name that nobody declared can be of any length and could fill a
 * leaf, so it is cut; whole characters are kept, since half a surrogate pair is no valid text.
 */
export function pointerToken(name: string | number): string {
  const text = String(name);
  const cut = text.length > MEMBER_NAME_MAX ? `${text.slice(0, MEMBER_NAME_MAX).replace(HALF_A_CHARACTER, '')}…` : text;
  return cut.replaceAll('~', '~0').replaceAll('/', '~1');
}
