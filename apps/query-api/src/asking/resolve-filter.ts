import { admin1CodesWithin, findRegion, type Region, regions } from '#app/geography';
import { Problem } from '#app/http-edge';
import { type IncidentFilter, isCivilDate, readPublishers, type RegionFilter } from '#app/read-models';
import type { EntityManager } from 'typeorm';
import type { FilterParameters } from './filter.dto.js';
import type { Pinned } from './pin.js';

const HINTS_MAX = 10;

/** Turns the parameters of a request into a filter on codes and sources. Refuses what it cannot find, never ignores it. */
export async function resolveFilter(
  tx: EntityManager,
  asked: FilterParameters,
  { asOf, boundary }: Pinned,
): Promise<IncidentFilter> {
  refuseUnbuilt(asked);
  const { from, to } = asked;
  assertDates(from, to);
  return {
    boundary,
    regions: (asked.region ?? []).flatMap(resolveRegion),
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

function refuseUnbuilt(asked: FilterParameters): void {
  if (asked.publishedUntil !== undefined) {
    throw new Problem(
      'NOT_SUPPORTED_YET',
      'publishedUntil is not built yet; asOf gives what had been recorded by a time',
      {
        errors: [{ parameter: 'publishedUntil', code: 'NOT_SUPPORTED_YET', detail: 'publishedUntil is not built yet' }],
      },
    );
  }
}

function assertDates(from: string | undefined, to: string | undefined): void {
  for (const [name, date] of Object.entries({ from, to })) {
    if (date !== undefined && !isCivilDate(date))
      throw Problem.invalidParameter(name, `${date} is not in the calendar`);
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw Problem.invalidParameter('to', 'must not be before from', 'BEFORE_FROM');
  }
}

/** The codes at which incidents are placed. A group (the Kurdistan Region) stands for the first-level areas in it. */
export function resolveRegion(codeOrName: string): RegionFilter[] {
  if (codeOrName.toLowerCase().startsWith('x-')) {
    throw new Problem('NOT_SUPPORTED_YET', `region groups like ${codeOrName} are not built yet`);
  }
  const region = findRegion(codeOrName);
  if (region === null) throw unknownRegion(codeOrName);
  if (region.level === 'GROUP') return admin1CodesWithin(region).map((code) => ({ level: 'admin1', code }));
  return [{ level: LEVELS[region.level], code: region.code }];
}

const LEVELS = { COUNTRY: 'country', ADMIN1: 'admin1', ADMIN2: 'admin2' } as const;

function unknownRegion(codeOrName: string): Problem {
  return new Problem('UNKNOWN_REGION', `region ${codeOrName} is not known`, {
    errors: [{ parameter: 'region', code: 'UNKNOWN_REGION', detail: `${codeOrName} is not known` }],
    members: { known: similarRegions(codeOrName).map(({ code, name }) => ({ code, name })) },
  });
}

/** Areas that begin like what was asked for. */
function similarRegions(codeOrName: string): Region[] {
  const start = codeOrName.slice(0, 3).toLowerCase();
  return regions()
    .filter(({ code, names }) => [code, ...names].some((name) => name.toLowerCase().startsWith(start)))
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
