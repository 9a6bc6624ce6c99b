/** NULL in the text format of COPY. */
export const NULL = '\\N';

const SPECIAL = /[\\\t\n\r]/;
const SPECIALS = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A text column in the text format of COPY. Most values need no escaping, so they are looked at before they are touched. */
export function copyText(value: string | null): string {
  if (value === null) return NULL;
  return SPECIAL.test(value) ? value.replace(SPECIALS, (character) => ESCAPES[character] ?? character) : value;
}

/** The same for canonical JSON, which never holds a raw control character: only a backslash can need escaping. */
export function copyJson(json: string | null): string {
  if (json === null) return NULL;
  return json.includes('\\') ? json.replaceAll('\\', String.raw`\\`) : json;
}

const ARRAY_SPECIAL = /["\\]/;
const ARRAY_SPECIALS = /["\\]/g;

/** A text[] column: an array literal, escaped once as an array and once for COPY. */
export function copyTextArray(values: readonly string[]): string {
  let literal = '';
  for (const value of values) {
    const text = ARRAY_SPECIAL.test(value) ? value.replace(ARRAY_SPECIALS, String.raw`\$&`) : value;
    literal += literal === '' ? `"${text}"` : `,"${text}"`;
  }
  return copyText(`{${literal}}`);
}
