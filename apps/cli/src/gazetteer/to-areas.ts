import { encodeShape, findByCode, findCountry, foldName, isoSet, type RegionCode, ShapeError } from '#app/geography';
import type { AreaContent } from '#app/gazetteer';
import type { RawFeature } from './features.js';

export const LEVELS = ['COUNTRY', 'ADMIN1', 'ADMIN2', 'ADMIN3'] as const;
export type Level = 0 | 1 | 2 | 3;

/** Why features cannot be areas: by number in the file, with their code where they have one. */
export interface FeatureProblem {
  feature: number;
  code: string | null;
  problem: string;
}

export interface Mapped {
  areas: AreaContent[];
  problems: FeatureProblem[];
  /** Left out on purpose, with the reason. */
  skipped: FeatureProblem[];
}

export interface MapOptions {
  level: Level;
  validFrom: string | null;
  validTo: string | null;
  /** Further names by code. */
  names: ReadonlyMap<string, readonly string[]>;
}

/** Reads features as areas: COD-AB by its P-code columns, Natural Earth's first level by its own. */
export function toAreas(features: readonly RawFeature[], options: MapOptions): Mapped {
  const mapped: Mapped = { areas: [], problems: [], skipped: [] };
  const seen = new Map<string, number>();
  const doubled = repeatedIsoCodes(features);
  for (const feature of features) {
    const columns = lowerCase(feature.properties);
    const read = columns.has('adm1_code') ? naturalEarth(columns, doubled) : codAb(columns, options.level);
    const { code } = read;
    const note = (list: FeatureProblem[], problem: string) => list.push({ feature: feature.number, code, problem });
    if ('skip' in read) note(mapped.skipped, read.skip);
    else if ('problem' in read) note(mapped.problems, read.problem);
    else if (seen.has(read.code)) note(mapped.problems, `feature ${seen.get(read.code)} has the same code`);
    else {
      seen.set(read.code, feature.number);
      try {
        mapped.areas.push(area(read, encodeShape(feature.geometry), options));
      } catch (error) {
        if (!(error instanceof ShapeError)) throw error;
        note(mapped.problems, error.message);
      }
    }
  }
  return mapped;
}

interface Read {
  code: string;
  parent: string | null;
  country: string;
  names: string[];
  codes: RegionCode[];
  validFrom: string | null;
  validTo: string | null;
}
type Columns = ReadonlyMap<string, string>;
type Refused = { code: string | null; problem: string } | { code: string | null; skip: string };

function area(read: Read, shape: string, options: MapOptions): AreaContent {
  const level = LEVELS[options.level];
  // What the built-in set knows of the same area: ISO codes, spellings of other providers, Kurdish names, claims.
  const known = isoSet.findCode(read.code) ?? isoSet.findCode(read.codes[0]?.code ?? '');
  const same = known?.level === level && known.country === read.country ? known : null;
  const names = [...read.names, ...(same?.names ?? []), ...(options.names.get(read.code) ?? [])];
  return {
    code: read.code,
    level,
    name: read.names[0] as string,
    names: distinctNames(names),
    parent: read.parent,
    country: read.country,
    codes: distinctCodes([...read.codes, ...(same?.codes ?? [])]),
    claims: same?.claims ?? [],
    validFrom: options.validFrom ?? read.validFrom,
    validTo: options.validTo ?? read.validTo,
    shape,
  };
}

/** ADM2_PCODE, ADM2_EN, ADM2_AR, ADM2ALT1EN …; newer files adm2_pcode, adm2_name, adm2_name1. */
function codAb(columns: Columns, level: Level): Read | Refused {
  const pcode = columns.get(`adm${level}_pcode`);
  if (pcode === undefined)
    return { code: null, problem: `it has no ADM${level}_PCODE: is this the file of level ${level}?` };
  if (!/^[A-Za-z0-9-]{1,30}$/.test(pcode)) return { code: pcode, problem: `${pcode} is no P-code` };
  const above = level === 0 ? undefined : columns.get(`adm${level - 1}_pcode`);
  if (level > 0 && above === undefined)
    return { code: pcode, problem: `it has no ADM${level - 1}_PCODE for what holds it` };
  const country = countryOf(columns, pcode);
  if (country === null) return { code: pcode, problem: 'its country is not in ISO 3166-1 (ADM0_PCODE, ADM0_EN)' };
  const names = codNames(columns, level);
  if (names.length === 0) return { code: pcode, problem: `it has no name (ADM${level}_EN, ADM${level}_AR …)` };
  return {
    code: level === 0 ? country : pcode,
    parent: level === 0 ? null : level === 1 ? country : (above as string),
    country,
    names,
    codes: [{ scheme: 'COD-AB', code: pcode }],
    validFrom: civilDate(columns.get('validon') ?? columns.get('valid_on')),
    validTo: civilDate(columns.get('validto') ?? columns.get('valid_to')),
  };
}

function countryOf(columns: Columns, pcode: string): string | null {
  for (const text of [
    columns.get('adm0_pcode'),
    columns.get('iso2'),
    columns.get('adm0_en'),
    columns.get('adm0_name'),
  ]) {
    const found = text === undefined ? null : (findByCode(text) ?? findCountry(text));
    if (found?.level === 'COUNTRY') return found.code;
  }
  const prefix = findByCode(pcode.slice(0, 2));
  return prefix?.level === 'COUNTRY' ? prefix.code : null;
}

/** English first, then the columns as they stand: every language and every alternative. */
function codNames(columns: Columns, level: Level): string[] {
  const pattern = new RegExp(
    `^adm${level}(?:_(?!pcode|ref|type|code)[a-z]{2,3}|alt\\d+_?[a-z]{2,3}|_name\\d*|_alt\\d*)$`,
  );
  const names = [...columns].filter(([column]) => pattern.test(column)).map(([, value]) => value);
  return distinctNames([columns.get(`adm${level}_en`) ?? columns.get(`adm${level}_name`) ?? '', ...names]);
}

/** States that Natural Earth codes by itself, and the country of ISO 3166-1 that they are a part of there. */
const NOT_IN_ISO: Record<string, string> = {
  KOS: 'RS',
  SOL: 'SO',
  CYN: 'CY',
  SAH: 'EH',
  SDS: 'SS',
  PSX: 'PS',
  KAB: 'KZ',
};

function naturalEarth(columns: Columns, doubled: ReadonlySet<string>): Read | Refused {
  const own = columns.get('adm1_code') ?? '';
  const iso = columns.get('iso_3166_2') ?? '';
  const adm0 = columns.get('adm0_a3') ?? '';
  const code = isIso(iso) && !doubled.has(iso) ? iso : own;
  if (own === '') return { code: null, problem: 'it has no adm1_code' };
  const found = findByCode(columns.get('iso_a2') ?? '') ?? findByCode(adm0) ?? findByCode(NOT_IN_ISO[adm0] ?? '');
  if (found?.level !== 'COUNTRY') return { code, skip: `${columns.get('admin') ?? adm0} is no country of ISO 3166-1` };
  const alternatives = (columns.get('name_alt') ?? '').split('|');
  const names = distinctNames([
    columns.get('name_en') ?? columns.get('name') ?? '',
    columns.get('name') ?? '',
    columns.get('name_ar') ?? '',
    ...alternatives,
  ]);
  if (names.length === 0) return { code, skip: 'it has no name' };
  const codes: RegionCode[] = [{ scheme: 'NATURAL-EARTH', code: own }];
  if (code === iso) codes.unshift({ scheme: 'ISO-3166-2', code: iso });
  return { code, parent: found.code, country: found.code, names, codes, validFrom: null, validTo: null };
}

function isIso(code: string): boolean {
  return /^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(code);
}

function repeatedIsoCodes(features: readonly RawFeature[]): Set<string> {
  const [once, twice] = [new Set<string>(), new Set<string>()];
  for (const { properties } of features) {
    const code = properties['iso_3166_2'];
    if (typeof code !== 'string') continue;
    if (once.has(code)) twice.add(code);
    once.add(code);
  }
  return twice;
}

/** Column names in lower case; only those with a text. */
function lowerCase(properties: Record<string, unknown>): Columns {
  return new Map(
    Object.entries(properties).flatMap(([name, value]) => {
      const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
      return text === '' ? [] : [[name.toLowerCase(), text] as const];
    }),
  );
}

function civilDate(text: string | undefined): string | null {
  return /^\d{4}-\d{2}-\d{2}/.exec(text ?? '')?.[0] ?? null;
}

/** The first spelling of each; names that differ only in what folding takes away are all kept as written. */
function distinctNames(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.trim()).filter((name) => foldName(name) !== ''))];
}

function distinctCodes(codes: readonly RegionCode[]): RegionCode[] {
  return [...new Map(codes.map((one) => [`${one.scheme}:${one.code}`, one])).values()];
}
