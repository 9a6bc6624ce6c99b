import type { AdminReference, GeoPrecision, Place } from '#app/domain';
import { findByCode, findCountry } from './find-region.js';
import { regionByCode } from './regions.js';

/**
 * A publisher that gives no precision: the finest level of the areas it names; COUNTRY when it names a country and
 * nothing else. A name or a point alone says nothing about how precise it is: UNKNOWN.
 */
export function precisionOf(place: Place): GeoPrecision {
  if (place.precision) return place.precision;
  let finest = 0;
  for (const reference of place.admin ?? []) finest = Math.max(finest, levelOf(reference));
  if (finest > 0) return (['ADM1', 'ADM2', 'ADM3'] as const)[Math.min(finest, 3) - 1] as GeoPrecision;
  const countryAlone = place.country && !place.name && place.latitude == null;
  return countryAlone ? 'COUNTRY' : 'UNKNOWN';
}

const LEVELS: Partial<Record<string, number>> = { ADMIN1: 1, ADMIN2: 2, ADMIN3: 3 };

/** 1 = first level; 0 = a country or not known. */
function levelOf({ code, level }: AdminReference): number {
  if (level != null) return level;
  const pcode = /^[A-Z]{2}G?\d{2}(Q\d{2})?(N\d{2})?$/i.exec(code ?? '');
  if (pcode) return 1 + (pcode[1] ? 1 : 0) + (pcode[2] ? 1 : 0);
  const region = code ? findByCode(code) : null;
  return region === null ? 0 : (LEVELS[region.level] ?? 0);
}

/** The country that a place names, as alpha-2: by `country` (ISO 2 or 3, GW number, name), else by the code of an area. */
export function statedCountry(place: Place): string | null {
  if (place.country) {
    const named = findCountry(place.country) ?? findByCode(place.country);
    if (named) return named.country;
  }
  for (const reference of place.admin ?? []) {
    const country = countryOfReference(reference);
    if (country) return country;
  }
  return null;
}

/** ISO 3166-2 codes and P-codes begin with the alpha-2 code of their country. */
function countryOfReference({ code, authority, level, name }: AdminReference): string | null {
  if (code) {
    const isNumeric = /^\d+$/.test(code) && /^ISO/i.test(authority);
    const region = findByCode(isNumeric ? `iso:${code}` : code);
    if (region) return region.country;
    if (/^[A-Z]{2}[-A-Z]?[A-Z0-9]+$/i.test(code)) return regionByCode(code.slice(0, 2).toUpperCase())?.code ?? null;
  }
  return level === 0 && name ? (findCountry(name)?.code ?? null) : null;
}
