import type { AdminReference, GeoPrecision, Place, Placement } from '#app/domain';
import { findAdmin1, findByCode, findCountry } from './find-region.js';
import { regionByCode } from './regions.js';

/** Too coarse for a first-level area: the country is all that can be said (domain rule 8). */
const COUNTRY_ONLY: ReadonlySet<GeoPrecision> = new Set(['COUNTRY', 'SUPRA_ADM1', 'WATER_AIRSPACE', 'UNKNOWN']);

/**
 * Where the boundary set iso-3166 puts a place. Country: from `country` (ISO 2 or 3, GW number, name), else from the
 * code of an area. First level: the first of `admin` that names one within that country, where the precision allows.
 * The set knows no second or third level, and points are not looked up in polygons. Pure; reads public data only.
 */
export function placeReport(place: Place): Placement {
  const precision = place.precision ?? inferredPrecision(place);
  const country = countryOf(place);
  const admin1 = country === null || COUNTRY_ONLY.has(precision) ? null : admin1Within(country, place.admin ?? []);
  return { admin1, admin2: null, admin3: null, country, precision };
}

/**
 * A publisher that gives no precision: the finest level of the areas it names; COUNTRY when it names a country and
 * nothing else. A name or a point alone says nothing about how precise it is: UNKNOWN.
 */
function inferredPrecision(place: Place): GeoPrecision {
  let finest = 0;
  for (const reference of place.admin ?? []) finest = Math.max(finest, levelOf(reference));
  if (finest > 0) return (['ADM1', 'ADM2', 'ADM3'] as const)[Math.min(finest, 3) - 1] as GeoPrecision;
  const countryAlone = place.country && !place.name && place.latitude == null;
  return countryAlone ? 'COUNTRY' : 'UNKNOWN';
}

/** 1 = first level; 0 = a country or not known. */
function levelOf({ code, level }: AdminReference): number {
  if (level != null) return level;
  const pcode = /^[A-Z]{2}G?\d{2}(Q\d{2})?(N\d{2})?$/i.exec(code ?? '');
  if (pcode) return 1 + (pcode[1] ? 1 : 0) + (pcode[2] ? 1 : 0);
  const region = code ? findByCode(code) : null;
  if (region) return region.level === 'COUNTRY' || region.level === 'GROUP' ? 0 : 1;
  return 0;
}

function countryOf(place: Place): string | null {
  if (place.country) {
    const named = findCountry(place.country) ?? findByCode(place.country);
    if (named) return named.country;
  }
  for (const reference of place.admin ?? []) {
    const region = referenced(reference);
    if (region) return region;
  }
  return null;
}

/** ISO 3166-2 codes and P-codes begin with the alpha-2 code of their country. */
function referenced({ code, authority, level, name }: AdminReference): string | null {
  if (code) {
    const isNumeric = /^\d+$/.test(code) && /^ISO/i.test(authority);
    const region = findByCode(isNumeric ? `iso:${code}` : code);
    if (region) return region.country;
    if (/^[A-Z]{2}[-A-Z]?[A-Z0-9]+$/i.test(code)) return regionByCode(code.slice(0, 2).toUpperCase())?.code ?? null;
  }
  return level === 0 && name ? (findCountry(name)?.code ?? null) : null;
}

function admin1Within(country: string, references: readonly AdminReference[]): string | null {
  for (const { code, name, level } of references) {
    const coded = code ? findAdmin1(country, code) : null;
    if (coded) return coded.code;
    // The name of a district may be that of another province: only first-level names are looked up as such.
    const named = name && (level == null || level === 1) ? findAdmin1(country, name) : null;
    if (named) return named.code;
  }
  return null;
}
