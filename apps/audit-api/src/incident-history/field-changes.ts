/** One field of an incident before and after one event. `null` stands for "not there". */
export interface FieldChange {
  /** JSON Pointer into the incident's consolidated state. */
  pointer: string;
  before: unknown;
  after: unknown;
}

/**
 * What differs between two JSON values, leaf by leaf, in the order of their members.
 *
 * Arrays are compared as a whole: "the actors were A and B, now they are A and C" reads better than a change of index 1,
 * and an inserted element would otherwise shift everything behind it.
 */
export function fieldChanges(before: unknown, after: unknown, pointer = ''): FieldChange[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => fieldChanges(before[name], after[name], `${pointer}/${escapeToken(name)}`));
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ pointer, before: before ?? null, after: after ?? null }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 6901. */
function escapeToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
