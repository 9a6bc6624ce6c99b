import { type BoundarySet, isoSet, type Region } from '#app/geography';
import { Problem } from '#app/http-edge';
import { type IncidentFilter, isCivilDate, readPublishers, type RegionFilter } from '#app/read-models';
import type { EntityManager } from 'typeorm';
import type { FilterParameters } from './filter.dto.js';
import type { Pinned } from './pin.js';
import { assertPlaced } from './placing.js';

const HINTS_MAX = 10;

/** Turns the parameters of a request into a filter on codes and sources. Refuses what it cannot find, never ignores it. */
export async function resolveFilter(
  tx: EntityManager,
  asked: FilterParameters,
  pinned: Pinned,
): Promise<IncidentFilter> {
  const { asOf, boundary, set } = pinned;
  const { from, to } = asked;
  assertDates(from, to);
  await assertPlaced(tx, pinned);
  return {
    boundary,
    regions: (asked.region ?? []).flatMap((region) => resolveRegion(set, region)),
    from: from ?? null,
    to: to ?? null,
    dateRule: asked.dateRule ?? 'start',
    measures: asked.measure ?? [],
    statuses: [...new Set(asked.status)],
    roles: asked.role ?? [],
    incidentTypes: asked.incidentType ?? [],
    weapons: asked.weapon ?? [],
    targets: asked.target ?? [],
    actors: asked.actor ?? [],
    publishers: asked.publisher === undefined ? [] : matchPublishers(asked.publisher, await readPublishers(tx, asOf)),
    verifications: asked.verification ?? [],
  };
}

export function assertDates(from: string | undefined, to: string | undefined): void {
  for (const [name, date] of Object.entries({ from, to })) {
    if (date !== undefined && !isCivilDate(date))
      throw Problem.invalidParameter(name, `${date} is not in the calendar`);
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw Problem.invalidParameter('to', 'must not be before from', 'BEFORE_FROM');
  }
}

/**
 * The codes at which incidents are placed. A group (the Kurdistan Region, `x-iq-disputed`) stands for those of its areas that
 * the set has.
 */
export function resolveRegion(set: BoundarySet, codeOrName: string): RegionFilter[] {
  const region = set.find(codeOrName) ?? groupOf(codeOrName);
  const areas = region === null ? [] : set.standsFor(region);
  const filters = areas.flatMap(({ level, code, country }) => {
    const placedAt = LEVELS[level];
    return placedAt === undefined ? [] : [{ level: placedAt, code, country }];
  });
  if (filters.length === 0) throw unknownRegion(set, codeOrName, region);
  return filters;
}

const LEVELS: Partial<Record<Region['level'], RegionFilter['level']>> = {
  COUNTRY: 'country',
  ADMIN1: 'admin1',
  ADMIN2: 'admin2',
  ADMIN3: 'admin3',
};

/** Groups are written in the built-in set, and name their areas by codes that other sets have too. */
function groupOf(codeOrName: string): Region | null {
  const region = isoSet.find(codeOrName);
  return region?.level === 'GROUP' ? region : null;
}

function unknownRegion(set: BoundarySet, codeOrName: string, region: Region | null): Problem {
  const detail =
    region?.level === 'PLACE'
      ? `region ${codeOrName} is a place, at which nothing is counted; it lies in ${region.parent}`
      : `region ${codeOrName} is not known in ${set.name}`;
  return new Problem('UNKNOWN_REGION', detail, {
    errors: [{ parameter: 'region', code: 'UNKNOWN_REGION', detail }],
    members: { known: similarRegions(set, codeOrName).map(({ code, name }) => ({ code, name })) },
  });
}

/** Areas that begin like what was asked for. */
function similarRegions(set: BoundarySet, codeOrName: string): Region[] {
  const start = codeOrName.slice(0, 3).toLowerCase();
  return set.areas
    .filter(
      ({ level, code, names }) =>
        level !== 'PLACE' && [code, ...names].some((name) => name.toLowerCase().startsWith(start)),
    )
    .slice(0, HINTS_MAX);
}

/**
 * Sources that a reader's words mean: the source itself, or words of it in any case (`UCDP`, `ucdp.uu.se`).
 *
 * @throws Problem UNKNOWN_PUBLISHER with the known ones
 */
export function matchPublishers(asked: readonly string[], known: readonly string[]): string[] {
  const found = asked.flatMap((text) => {
    const exact = known.filter((source) => source === text);
    const matches = exact.length > 0 ? exact : known.filter((source) => saysWords(source, text));
    if (matches.length === 0) {
      throw new Problem('UNKNOWN_PUBLISHER', `publisher ${text} is not known`, {
        errors: [{ parameter: 'publisher', code: 'UNKNOWN_PUBLISHER', detail: `${text} is not known` }],
        members: { known: known.slice(0, 100) },
      });
    }
    return matches;
  });
  return [...new Set(found)];
}

/** Whether the words of `text` stand in the source, whole and one after the other. */
function saysWords(source: string, text: string): boolean {
  const words = inWords(text);
  return words !== '  ' && inWords(source).includes(words);
}

const inWords = (text: string): string =>
  ` ${
    text
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.join(' ') ?? ''
  } `;
