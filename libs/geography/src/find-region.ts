import { gwCountries } from './gw-codes.js';
import { foldAreaName, foldName, wordsOf } from './names.js';
import { remembering } from './remember.js';
import { admin1Of, type Region, regionByCode, regions } from './regions.js';

/** Null = the name means several areas. */
type NameIndex = Map<string, Region | null>;

const codes = new Map<string, Region>();
const numerics = new Map<string, Region>();
const countryNames: NameIndex = new Map();
const areasByCountry = new Map<string, { whole: NameIndex; own: NameIndex }>();

function put(index: NameIndex, key: string, region: Region): void {
  const other = index.get(key);
  if (other === undefined) index.set(key, region);
  else if (other !== region) index.set(key, preferred(other, region));
}

/** Of a first-level area and one below or above it with the same name, the first-level one. */
function preferred(a: Region | null, b: Region): Region | null {
  if (a === null || a.country !== b.country || (a.level === 'ADMIN1') === (b.level === 'ADMIN1')) return null;
  return a.level === 'ADMIN1' ? a : b;
}

for (const region of regions()) {
  for (const { scheme, code } of region.codes) {
    if (scheme === 'ISO-3166-1-NUMERIC') numerics.set(code, region);
    else if (scheme !== 'GW') codes.set(code, region);
  }
  if (region.level === 'COUNTRY') {
    for (const name of region.names) countryNames.set(foldName(name), region);
    continue;
  }
  if (region.level === 'PLACE') continue;
  let index = areasByCountry.get(region.country);
  if (!index) {
    index = { whole: new Map(), own: new Map() };
    areasByCountry.set(region.country, index);
  }
  for (const name of region.names) {
    put(index.whole, foldName(name), region);
    put(index.own, foldAreaName(name), region);
  }
}

/**
 * The area of a code: ISO 3166-1 alpha-2 and alpha-3, ISO 3166-2, P-codes and GeoNames' admin1 codes of Iraq, and
 * Gleditsch–Ward numbers, also as `gw:645`. ISO numeric codes need the prefix `iso:368`, because 368 alone is
 * Lithuania's GW number.
 */
export function findByCode(code: string): Region | null {
  const wanted = code.trim().toUpperCase();
  if (wanted.startsWith('ISO:')) return numerics.get(wanted.slice(4).padStart(3, '0')) ?? null;
  const number = wanted.startsWith('GW:') ? wanted.slice(3) : wanted;
  if (/^\d{1,3}$/.test(number)) return regionByCode(gwCountries.get(String(Number(number))) ?? '');
  return codes.get(wanted) ?? null;
}

/** The country of a code or of a name in any provider's spelling ("Yemen (North Yemen)", "عێراق"). */
export const findCountry: (codeOrName: string) => Region | null = remembering((codeOrName) => {
  const coded = findByCode(codeOrName);
  if (coded?.level === 'COUNTRY') return coded;
  const named = countryNames.get(foldName(codeOrName));
  if (named) return named;
  const outside = codeOrName.replace(/\([^()]*\)/g, ' ');
  return outside === codeOrName ? null : (countryNames.get(foldName(outside)) ?? null);
});

/** The area of a country with this name, in the provider's spelling ("Nīnawá province"). Null when none or several. */
function findAreaIn(country: string, name: string): Region | null {
  const index = areasByCountry.get(country);
  if (!index || wordsOf(name).length === 0) return null;
  return index.whole.get(foldName(name)) ?? index.own.get(foldAreaName(name)) ?? null;
}

/** P-codes begin with those of the areas above: IQG15Q05 lies in IQG15. */
const GOVERNORATE = /^IQG\d{2}(?=Q\d)/;

const admin1OfKey = remembering((key): Region | null => {
  const country = key.slice(0, 2);
  const codeOrName = key.slice(2);
  const coded = findByCode(codeOrName) ?? findByCode(GOVERNORATE.exec(codeOrName.trim().toUpperCase())?.[0] ?? '');
  const region =
    coded && coded.country === country && coded.level !== 'COUNTRY' ? coded : findAreaIn(country, codeOrName);
  return region && admin1Of(region);
});

/** The first-level area that a code or name stands for within a country (alpha-2). */
export function findAdmin1(country: string, codeOrName: string): Region | null {
  return admin1OfKey(country + codeOrName);
}
