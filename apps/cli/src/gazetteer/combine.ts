import type { AreaContent, BoundarySetContent } from '#app/gazetteer';
import { claimedParents, isoSet } from '#app/geography';
import { usageError } from '../exit-codes.js';
import { type FeatureProblem, type Level, LEVELS } from './to-areas.js';

/**
 * A set with one level replaced by what a file has. Countries that nothing describes are taken from ISO 3166-1, without a shape.
 *
 * @returns problems for areas that no area of the level above holds, and for what hangs on areas that are gone
 */
export function withLevel(
  set: BoundarySetContent,
  areas: readonly AreaContent[],
  level: Level,
): { content: BoundarySetContent; problems: FeatureProblem[] } {
  const name = LEVELS[level] as string;
  const others = set.areas.filter((area) => area.level !== name);
  const all = new Map([...others, ...areas].map((area) => [area.code, area]));
  if (level === 1) {
    for (const { country } of areas) if (!all.has(country)) all.set(country, countryArea(country));
  }
  // An area that another level has too cannot be told from it.
  const clash = areas.filter(({ code }) => others.some((other) => other.code === code));
  const problems = [
    ...clash.map(({ code }) => ({ feature: 0, code, problem: 'another level of the set has this code' })),
    ...[...all.values()].flatMap(({ code, parent }) => {
      if (parent === null || all.has(parent)) return [];
      const imported = areas.some((area) => area.code === code);
      const problem = imported
        ? `it lies in ${parent}, which the set does not have: import level ${level - 1} first`
        : `it lies in ${parent}, which this file does not have any more`;
      return [{ feature: imported ? areas.findIndex((area) => area.code === code) + 1 : 0, code, problem }];
    }),
  ];
  const combined = [...all.values()];
  return { content: { ...set, ...validityOf(combined), areas: combined }, problems };
}

/** A set holds while all its areas do: from the latest of their first days to the earliest of their last. */
function validityOf(areas: readonly AreaContent[]): { validFrom: string | null; validTo: string | null } {
  const days = (member: 'validFrom' | 'validTo') => areas.flatMap((one) => one[member] ?? []).toSorted();
  return { validFrom: days('validFrom').at(-1) ?? null, validTo: days('validTo')[0] ?? null };
}

function countryArea(code: string): AreaContent {
  const { members: _, ...region } = isoSet.area(code) as NonNullable<ReturnType<typeof isoSet.area>>;
  return { ...region, shape: null };
}

/** Area → area above it, from a JSON object; null: those that the built-in data knows to be claimed (Makhmur under Ninewa). */
export function readParents(text: string | null, file: string): Record<string, string> {
  if (text === null) return { ...claimedParents };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw usageError(`${file} is not JSON: ${(error as Error).message}.`);
  }
  const entries = typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.entries(json) : [];
  if (entries.length === 0 || entries.some(([, parent]) => typeof parent !== 'string')) {
    throw usageError(`${file} must be an object of area code to code of the area above, as {"IQG11Q04": "IQG15"}.`);
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

/**
 * A set like another but for the parents of some areas. Each such area keeps, as a claim, where the other set has it; that is
 * how readers of either see both.
 */
export function derive(
  from: BoundarySetContent,
  name: string,
  parents: Readonly<Record<string, string>>,
): BoundarySetContent {
  const byCode = new Map(from.areas.map((area) => [area.code, area]));
  for (const [code, parent] of Object.entries(parents)) {
    const [area, above] = [byCode.get(code), byCode.get(parent)];
    if (area === undefined || above === undefined)
      throw usageError(`${from.name} has no area ${area === undefined ? code : parent}.`);
    if (area.parent === parent) throw usageError(`${code} lies in ${parent} in ${from.name} already.`);
    const levels = LEVELS as readonly string[];
    if (levels.indexOf(above.level) !== levels.indexOf(area.level) - 1 || above.country !== area.country) {
      throw usageError(
        `${parent} is ${above.level} of ${above.country}: it cannot hold ${code}, which is ${area.level} of ${area.country}.`,
      );
    }
  }
  const areas = from.areas.map((area) => {
    const parent = parents[area.code];
    if (parent === undefined) return area;
    const note = `the boundary set ${from.name} has it under ${area.parent}`;
    const before = { claimant: from.name, parent: area.parent as string, note };
    return { ...area, parent, claims: [...(area.claims ?? []), before] };
  });
  return { ...from, name, derivedFrom: from.name, areas };
}
