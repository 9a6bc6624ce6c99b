import { iso31661, iso31662 } from 'iso-3166';
import { countryNames } from './country-names.js';
import { gwCountries } from './gw-codes.js';
import { iraqGovernorates, kurdistanRegionNames } from './iraq-names.js';
import { disputedMembers, iraqDistricts, iraqPlaces, kirkukClaims } from './iraq-places.js';
import { subdivisionNames } from './subdivision-names.js';

/**
 * GROUP = areas taken together, such as the Kurdistan Region of Iraq or `x-iq-disputed`; PLACE = a town, village or mountain
 * inside an area. Nothing is placed in either: they stand for areas of the other levels.
 */
export const REGION_LEVELS = ['COUNTRY', 'GROUP', 'ADMIN1', 'ADMIN2', 'ADMIN3', 'PLACE'] as const;
export type RegionLevel = (typeof REGION_LEVELS)[number];

/** Somebody puts an area elsewhere than this boundary set does (domain rule 9). */
export interface DisputedClaim {
  claimant: string;
  /** Code of the area that would hold it. */
  parent: string;
  note: string;
}

export interface RegionCode {
  scheme:
    | 'ISO-3166-1-ALPHA-2'
    | 'ISO-3166-1-ALPHA-3'
    | 'ISO-3166-1-NUMERIC'
    | 'ISO-3166-2'
    | 'GW'
    | 'COD-AB'
    | 'NATURAL-EARTH'
    | 'GEONAMES';
  code: string;
}

/** One area of the boundary set. */
export interface Region {
  /** ISO 3166-1 alpha-2 or ISO 3166-2; a P-code where ISO has none. */
  code: string;
  level: RegionLevel;
  name: string;
  /** All names that are matched, the one above first. */
  names: string[];
  /** Code of the area that holds it; null for countries. */
  parent: string | null;
  country: string;
  codes: RegionCode[];
  claims?: readonly DisputedClaim[];
  /** Civil dates, inclusive; null or absent: not limited. */
  validFrom?: string | null;
  validTo?: string | null;
  /** Of a GROUP that is not above its areas in the hierarchy: their codes, in any scheme. */
  members?: readonly string[];
}

/**
 * Countries whose upper ISO 3166-2 level only groups what everybody counts as the first level (governorates of Iraq,
 * provinces of the Philippines, districts of Uganda, counties of Ireland, provinces of the Dominican Republic).
 */
const GROUPED = new Set(['IQ', 'PH', 'UG', 'IE', 'DO']);

/** Names before the comma that would name two countries. */
const SHARED_SHORT_NAMES = new Set(['Congo', 'Korea']);

function countries(): Region[] {
  return iso31661.map(({ alpha2, alpha3, numeric, name }) => ({
    code: alpha2,
    level: 'COUNTRY',
    name,
    names: namesOf(name, [...shortName(name), ...(countryNames[alpha2] ?? [])]),
    parent: null,
    country: alpha2,
    codes: [
      { scheme: 'ISO-3166-1-ALPHA-2', code: alpha2 },
      { scheme: 'ISO-3166-1-ALPHA-3', code: alpha3 },
      { scheme: 'ISO-3166-1-NUMERIC', code: numeric },
      ...gwCodesOf(alpha2),
    ],
  }));
}

function gwCodesOf(alpha2: string): RegionCode[] {
  const codes: RegionCode[] = [];
  for (const [code, country] of gwCountries) if (country === alpha2) codes.push({ scheme: 'GW', code });
  return codes;
}

function shortName(name: string): string[] {
  const short = name.split(', ')[0] as string;
  return short === name || SHARED_SHORT_NAMES.has(short) ? [] : [short];
}

function subdivisions(): Region[] {
  const parents = new Set(iso31662.map(({ parent }) => parent));
  return iso31662.map(({ code, name, parent }) => {
    const country = code.slice(0, 2);
    return {
      code,
      level: levelOf(code, parent, parents),
      name,
      names: namesOf(name, furtherNames(code)),
      parent: parent === '' ? country : parent,
      country,
      codes: codesOf(code),
      ...(code === 'IQ-KI' ? { claims: kirkukClaims } : {}),
    };
  });
}

/** Areas below ISO 3166-2 that are written here, so that a first run needs no import. */
function seedAreas(): Region[] {
  const governorates = new Map(Object.entries(iraqGovernorates).map(([code, { pcode }]) => [pcode, code]));
  const districts = iraqDistricts.map(
    ({ pcode, name, names, claims = [] }): Region => ({
      code: pcode,
      level: 'ADMIN2',
      name,
      names: namesOf(name, names.split('|')),
      parent: governorates.get(pcode.slice(0, 5)) as string,
      country: 'IQ',
      codes: [{ scheme: 'COD-AB', code: pcode }],
      ...(claims.length === 0 ? {} : { claims }),
    }),
  );
  const places = iraqPlaces.map(
    ({ code, name, names, district }): Region => ({
      code,
      level: 'PLACE',
      name,
      names: namesOf(name, names.split('|')),
      parent: district,
      country: 'IQ',
      codes: [],
    }),
  );
  const disputed: Region = {
    code: 'x-iq-disputed',
    level: 'GROUP',
    name: 'Disputed territories of Iraq',
    names: ['Disputed territories of Iraq', 'المناطق المتنازع عليها', 'ناوچە جێناکۆکەکان'],
    parent: 'IQ',
    country: 'IQ',
    codes: [],
    members: disputedMembers,
  };
  return [...districts, ...places, disputed];
}

function levelOf(code: string, parent: string, parents: ReadonlySet<string>): RegionLevel {
  if (GROUPED.has(code.slice(0, 2))) return parents.has(code) ? 'GROUP' : 'ADMIN1';
  return parent.length === 2 ? 'ADMIN1' : 'ADMIN2';
}

function furtherNames(code: string): readonly string[] {
  if (code === 'IQ-KR') return kurdistanRegionNames;
  return iraqGovernorates[code]?.names ?? subdivisionNames[code]?.split('|') ?? [];
}

function namesOf(name: string, further: readonly string[]): string[] {
  return [...new Set([name, ...further])];
}

function codesOf(code: string): RegionCode[] {
  const codes: RegionCode[] = [{ scheme: 'ISO-3166-2', code }];
  const governorate = iraqGovernorates[code];
  if (governorate) {
    codes.push({ scheme: 'COD-AB', code: governorate.pcode }, { scheme: 'GEONAMES', code: governorate.geonames });
  }
  return codes;
}

const all: readonly Region[] = [...countries(), ...subdivisions(), ...seedAreas()].toSorted((a, b) =>
  a.code < b.code ? -1 : 1,
);
const byCode = new Map(all.map((region) => [region.code, region]));
const childrenOf = new Map<string, Region[]>();
for (const region of all) {
  if (region.parent === null) continue;
  const children = childrenOf.get(region.parent);
  if (children) children.push(region);
  else childrenOf.set(region.parent, [region]);
}

/** Every area of the boundary set, sorted by code. */
export function regions(): readonly Region[] {
  return all;
}

/** The area with this ISO code, exactly as the set writes it. */
export function regionByCode(code: string): Region | null {
  return byCode.get(code) ?? null;
}

/** The areas directly below, sorted by code. */
export function childrenOfRegion(code: string): readonly Region[] {
  return childrenOf.get(code) ?? [];
}

/** The first-level area that an area is or lies in; null for countries and groups. */
export function admin1Of(region: Region): Region | null {
  for (let at: Region | null = region; at; at = at.parent === null ? null : regionByCode(at.parent)) {
    if (at.level === 'ADMIN1') return at;
  }
  return null;
}

/** Codes of the first-level areas in a region: itself, or those that a group or country holds. */
export function admin1CodesWithin(region: Region): string[] {
  const own = admin1Of(region);
  if (own) return [own.code];
  return childrenOfRegion(region.code).flatMap(admin1CodesWithin);
}
