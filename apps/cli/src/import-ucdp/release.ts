/** A UCDP release: its name, and what follows from it by rule so that a second import gives the same messages. */
export interface Release {
  /** `19.1`, `24.0.5` or `24.01.24.09`. */
  name: string;
  revision: number;
  /** Fixed per release, not read from a clock: RFC 3339. */
  publishedAt: string;
  /** First and last month, YYYY-MM, that a candidate release covers; null for a yearly release, which covers whole years. */
  months: { first: string; last: string } | null;
}

/** The name of a release is none that UCDP uses. */
export class UnknownReleaseError extends Error {}

const YEARLY = /^(\d{2})\.1$/;
const MONTHLY = /^(\d{2})\.0\.(\d{1,2})$/;
const QUARTERLY = /^(\d{2})\.01\.(\d{2})\.(\d{2})$/;

/**
 * Revision and publication date of a release. A yearly release corrects all candidate releases of the years before it, a
 * cumulative one the monthly ones of its year:
 * YY.1 → YY·10000+100 · YY.0.M → YY·10000+M · YY.01.YY.MM → YY·10000+50+MM. Published: 1 June for YY.1, the 20th of the
 * following month for candidates.
 * @throws UnknownReleaseError
 */
export function parseRelease(name: string): Release {
  const yearly = YEARLY.exec(name);
  if (yearly !== null) {
    const year = Number(yearly[1]);
    return {
      name,
      revision: year * 10_000 + 100,
      publishedAt: `${2000 + year}-06-01T00:00:00Z`,
      months: null,
    };
  }
  const monthly = MONTHLY.exec(name);
  if (monthly !== null) return candidate(`${Number(monthly[1])}.0.${Number(monthly[2])}`, monthly, Number(monthly[2]));
  const quarterly = QUARTERLY.exec(name);
  if (quarterly !== null && quarterly[1] === quarterly[2]) return candidate(name, quarterly, Number(quarterly[3]));
  throw new UnknownReleaseError(
    `"${name}" is not a UCDP release: write 25.1 (yearly), 24.0.5 (monthly candidate) or 24.01.24.09 (cumulative candidate)`,
  );
}

function candidate(name: string, match: RegExpExecArray, month: number): Release {
  if (month < 1 || month > 12)
    throw new UnknownReleaseError(`"${name}" is not a UCDP release: ${month} is not a month`);
  const cumulative = match.length === 4;
  const shortYear = Number(match[1]);
  const year = 2000 + shortYear;
  return {
    name,
    revision: shortYear * 10_000 + (cumulative ? 50 : 0) + month,
    publishedAt: new Date(Date.UTC(year, month, 20)).toISOString().replace('.000Z', 'Z'),
    months: { first: yearMonth(year, cumulative ? 1 : month), last: yearMonth(year, month) },
  };
}

function yearMonth(year: number, month: number): string {
  return `${year}-${String(month).padStart(2, '0')}`;
}

const IN_FILE_NAME: readonly [RegExp, (match: RegExpExecArray) => string][] = [
  // GEDEvent_v24_01_24_09.csv
  [/ged.*?v?(?<!\d)(\d{2})[_.-]01[_.-](\d{2})[_.-](\d{2})(?!\d)/i, (m) => `${m[1]}.01.${m[2]}.${m[3]}`],
  // GEDEvent_v24_0_5.csv, ged_candidate_24_0_5.zip
  [/ged.*?v?(?<!\d)(\d{2})[_.-]0[_.-](\d{1,2})(?!\d)/i, (m) => `${m[1]}.0.${m[2]}`],
  // GEDEvent_v25_1.csv
  [/ged.*?v?(?<!\d)(\d{2})[_.-]1(?!\d)/i, (m) => `${m[1]}.1`],
  // ged191.csv, ged231-csv.zip
  [/ged(\d{2})1(?!\d)/i, (m) => `${m[1]}.1`],
];

/** The release that a file name of UCDP's download page tells, or null. */
export function releaseInFileName(fileName: string): Release | null {
  for (const [pattern, toName] of IN_FILE_NAME) {
    const match = pattern.exec(fileName);
    if (match !== null) {
      try {
        return parseRelease(toName(match));
      } catch {
        return null;
      }
    }
  }
  return null;
}

/** A yearly release covers the years before it: a file that ends in 2018 is taken for 19.1. */
export function releaseAfter(newestYear: number): Release {
  return parseRelease(`${String((newestYear + 1) % 100).padStart(2, '0')}.1`);
}
