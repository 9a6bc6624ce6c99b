import { BOUNDARY_SET, type BoundarySet, foldName, isoSet, type Region } from '#app/geography';
import type { DisputedClaimDto, RegionDto, RegionReferenceDto } from './regions.dto.js';

/** The areas of a set; beside an imported one, the built-in groups and places that it has areas for. */
export function shownRegions(set: BoundarySet): readonly Region[] {
  if (set.name === BOUNDARY_SET) return set.areas;
  const further = isoSet.areas.flatMap((region) => builtInFor(set, region) ?? []);
  return [...set.areas, ...further].toSorted((a, b) => (a.code < b.code ? -1 : 1));
}

/** The region of a code or name: of the set, else a built-in group or place. */
export function findShown(set: BoundarySet, codeOrName: string): Region | null {
  const own = set.find(codeOrName);
  if (own !== null || set.name === BOUNDARY_SET) return own;
  const builtIn = isoSet.find(codeOrName);
  return builtIn && builtInFor(set, builtIn);
}

/** By code alone: this is asked for every area of an answer. */
function knows(set: BoundarySet, region: Region): boolean {
  return set.findCode(region.code) !== null || builtInFor(set, region) !== null;
}

/** A built-in group or place under the set's own codes; null when the set has nothing of it. */
function builtInFor(set: BoundarySet, region: Region): Region | null {
  if (region.level !== 'GROUP' && region.level !== 'PLACE') return null;
  const parent = set.findCode(region.parent ?? '');
  if (parent === null || (region.level === 'GROUP' && set.standsFor(region).length === 0)) return null;
  return { ...region, parent: parent.code };
}

/** As answers show it. `others`: every active set, which may put the same area elsewhere. */
export function regionDto(
  set: BoundarySet,
  region: Region,
  others: readonly BoundarySet[],
): Pick<RegionDto, keyof RegionDto> {
  const { code, level, name, names, parent, country, codes, validFrom = null, validTo = null } = region;
  return {
    code,
    level,
    name,
    names,
    parent,
    country,
    codes,
    boundarySets: others.filter((other) => knows(other, region)).map((other) => other.name),
    disputedClaims: claimsOf(set, region, others),
    members: level === 'GROUP' ? set.standsFor(region).map(reference) : [],
    validFrom,
    validTo,
  };
}

export function reference({ code, name, level }: Region): RegionReferenceDto {
  return { code, name, level };
}

/** What the gazetteer knows of who claims the area, and where other active boundary sets have it. */
function claimsOf(set: BoundarySet, region: Region, others: readonly BoundarySet[]): DisputedClaimDto[] {
  const stated = (region.claims ?? []).map(({ claimant, parent, note }) => claim(set, { claimant, parent, note }));
  const placed = others.flatMap((other) => {
    const elsewhere = other === set ? null : other.area(region.code);
    const above = elsewhere?.parent == null ? null : other.area(elsewhere.parent);
    if (above === null || region.parent === null || set.findCode(above.code)?.code === region.parent) return [];
    return [
      claim(set, { claimant: other.name, parent: above.code, note: `the boundary set ${other.name} has it there` }),
    ];
  });
  const known = new Set<string>();
  return [...stated, ...placed].filter(({ claimant, parent }) => {
    const isNew = !known.has(`${claimant}/${parent}`);
    known.add(`${claimant}/${parent}`);
    return isNew;
  });
}

function claim(set: BoundarySet, { claimant, parent, note }: Omit<DisputedClaimDto, 'parentName'>): DisputedClaimDto {
  const above = set.findCode(parent) ?? isoSet.findCode(parent);
  return { claimant, parent: above?.code ?? parent, parentName: above?.name ?? null, note };
}

/** Whether part of a name in any script, or a code, is what was asked for. Nothing but punctuation matches nothing. */
export function searchFor(q: string): (region: Region) => boolean {
  const text = foldName(q);
  const code = q.trim().toUpperCase();
  if (text === '') return () => false;
  return (region) =>
    region.code.toUpperCase() === code ||
    region.codes.some((candidate) => candidate.code.toUpperCase() === code) ||
    region.names.some((name) => foldName(name).includes(text));
}
