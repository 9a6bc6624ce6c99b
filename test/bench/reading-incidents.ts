import type { CasualtyClaim, Placement, PublicReport, ReportRecordedData } from '#app/domain';
import { BOUNDARY_SET, regions } from '#app/geography';
import { incidentIdOf } from '#app/log';
import {
  CIVILIANS_OF_ONE_SIDED,
  CIVILIANS_OF_OTHERS,
  DATE_PRECISIONS,
  DEATHS,
  FIRST_LEVELS,
  HIGH_ABOVE_BEST,
  HIGH_FACTOR,
  LOW_BELOW_BEST,
  MONTHS,
  PLACE_PRECISIONS,
  UNKNOWN_SIDE,
  VIOLENCE,
  YEARS,
} from './reading-distributions.js';
import { seeded } from './reports.js';

/** An incident that the generator made; the same index and countries give the same incident on every machine. */
export interface MadeReport {
  incidentId: string;
  ceSource: string;
  data: ReportRecordedData;
}

const COUNTRIES = 'IQ SY AF YE SO NG CD SS SD LY UA ML CF ET MM PK IN CO MX PH'.split(' ');
/** Most of it comes from one dataset, as it does; the rest from desks that also count the injured. */
const SOURCES = { dataset: 'https://bench.example.org/dataset', desk: 'https://bench.example.org/desk' };
const SHARE_OF_DESK = 0.2;
/** Shares of the incidents that get a second report, of those a third one; of the further ones, those of another outlet. */
const SHARE_WITH_SECOND = 0.25;
const SHARE_WITH_THIRD = 0.2;
const SHARE_OF_ANOTHER = 0.5;

type Random = () => number;

export class IncidentMaker {
  readonly #areas: ReadonlyMap<string, readonly string[]>;
  readonly countries: readonly string[];

  constructor(countries: number) {
    this.countries = COUNTRIES.slice(0, countries);
    this.#areas = new Map(this.countries.map((country) => [country, firstLevels(country)]));
  }

  /** How many reports an incident gets. */
  reportsOf(index: number): number {
    const random = seeded(index * 31 + 7);
    if (random() >= SHARE_WITH_SECOND) return 1;
    return random() < SHARE_WITH_THIRD ? 3 : 2;
  }

  /** @param nth 1 for the first report; a further one has other deaths, is a revision of the first or by another outlet */
  report(index: number, nth: number): MadeReport {
    const random = seeded(index * 31 + 11);
    const country = this.countries[index % this.countries.length] as string;
    const isDesk = random() < SHARE_OF_DESK;
    const ceSource = isDesk ? SOURCES.desk : SOURCES.dataset;
    const ref = `${country}-${index}`;
    const { occurred, publishedAt } = dates(random, nth);
    const { place, placement } = this.#place(country, random);
    const violence = drawn(VIOLENCE, random);
    const further = seeded(index * 31 + 13 + nth);
    const isAnother = nth > 1 && further() < SHARE_OF_ANOTHER;
    const report: PublicReport = {
      casualties: casualties(nth === 1 ? random : further, { violence, isDesk }),
      classification: { incidentType: violence === '3' ? 'ATTACK_ON_CIVILIANS' : 'ARMED_CLASH' },
      actors: [
        { name: `Government of ${country}`, role: 'PARTICIPANT' },
        { name: `Armed group ${index % 17}`, role: 'PARTICIPANT' },
      ],
      incident: { ref },
      occurred,
      place,
      publishedAt,
      reportId: isAnother ? `${ref}/${nth}` : ref,
      revision: isAnother ? 1 : nth,
      source: isAnother
        ? { kind: 'MEDIA_NATIONAL', name: `Outlet ${index % 40}` }
        : { kind: 'OTHER_DATASET', name: 'Dataset' },
    };
    const data = { disposition: 'APPLIED' as const, flags: [], placements: { [BOUNDARY_SET]: placement }, report };
    return { incidentId: incidentIdOf(ceSource, ref), ceSource, data };
  }

  #place(country: string, random: Random): { place: PublicReport['place']; placement: Placement } {
    const precision = drawn(PLACE_PRECISIONS, random) as Placement['precision'];
    const areas = this.#areas.get(country) ?? [];
    const isCoarse = ['SUPRA_ADM1', 'COUNTRY', 'WATER_AIRSPACE'].includes(precision);
    const admin1 = isCoarse ? null : (areas[drawnIndex(FIRST_LEVELS, random) % areas.length] ?? null);
    const place = {
      name: `Place ${Math.floor(random() * 5_000)}`,
      country,
      ...(admin1 === null ? {} : { admin: [{ authority: 'ISO 3166-2', code: admin1 }] }),
      latitude: Math.round((10 + random() * 25) * 1e5) / 1e5,
      longitude: Math.round((10 + random() * 60) * 1e5) / 1e5,
      precision,
    };
    return { place, placement: { admin1, admin2: null, admin3: null, country, precision } };
  }
}

function firstLevels(country: string): string[] {
  return regions()
    .filter((region) => region.country === country && region.level === 'ADMIN1')
    .map(({ code }) => code);
}

/** All reports of an incident agree on when it was: what they differ in is the deaths. */
function dates(random: Random, nth: number): { occurred: PublicReport['occurred']; publishedAt: string } {
  const precision = drawn(DATE_PRECISIONS, random) as keyof typeof DATE_PRECISIONS;
  const year = drawn(YEARS, random);
  const month = drawn(MONTHS, random);
  const day = `${1 + Math.floor(random() * 28)}`.padStart(2, '0');
  const delay = Math.floor(random() * 300);
  const spans = {
    DAY: [`${year}-${month}-${day}`, `${year}-${month}-${day}`],
    WEEK: [`${year}-${month}-01`, `${year}-${month}-07`],
    MONTH: [`${year}-${month}-01`, `${year}-${month}-28`],
    YEAR: [`${year}-01-01`, `${year}-12-31`],
  } as const;
  const [start, end] = spans[precision];
  const published = new Date(Date.parse(`${end}T12:00:00Z`) + (delay + 200 * (nth - 1)) * 86_400_000);
  return { occurred: { end, precision, start }, publishedAt: published.toISOString() };
}

function casualties(random: Random, { violence, isDesk }: { violence: string; isDesk: boolean }): CasualtyClaim[] {
  const best = deaths(random());
  const lo = random() < LOW_BELOW_BEST ? 0 : best;
  const hi = random() < HIGH_ABOVE_BEST ? Math.ceil(best * (1 + random() * 2 * (HIGH_FACTOR - 1))) : best;
  const civilians = random() < (violence === '3' ? CIVILIANS_OF_ONE_SIDED : CIVILIANS_OF_OTHERS) ? best : 0;
  const unknown = civilians === 0 && random() < UNKNOWN_SIDE ? best : 0;
  const rest = best - civilians - unknown;
  const ofForces = Math.floor(rest * random());
  const exact = (status: CasualtyClaim['status'], count: number): CasualtyClaim => ({
    measure: 'KILLED',
    status: status ?? null,
    value: { hi: count, lo: count, point: count, qualifier: 'EXACT' },
  });
  const claims: CasualtyClaim[] = [
    { measure: 'KILLED', value: { hi, lo, point: best, qualifier: lo === hi ? 'EXACT' : 'BETWEEN' } },
    exact('CIVILIAN', civilians),
    ...(violence === '1' ? [exact('ARMED_FORCES_MEMBER', ofForces)] : []),
    exact('DIRECT_PARTICIPANT', violence === '1' ? rest - ofForces : rest),
    exact('UNKNOWN', unknown),
  ];
  if (isDesk) claims.push({ measure: 'INJURED', value: { hi: null, lo: best, qualifier: 'AT_LEAST' } });
  return claims;
}

/** The number of deaths below which a share of the events is. */
function deaths(share: number): number {
  const next = DEATHS.findIndex(([below]) => below > share);
  const [from, low] = DEATHS[next - 1] as readonly [number, number];
  const [to, high] = DEATHS[next] as readonly [number, number];
  return low === 0 ? 0 : Math.floor(low + ((high - low) * (share - from)) / (to - from));
}

/** A value as often as it was counted. Asked for ten times a report: what is fixed of the counts is worked out once. */
function drawn(counts: Readonly<Record<string, number>>, random: Random): string {
  let known = KNOWN.get(counts);
  if (known === undefined) KNOWN.set(counts, (known = { keys: Object.keys(counts), counts: Object.values(counts) }));
  return known.keys[drawnIndex(known.counts, random)] as string;
}

const KNOWN = new WeakMap<object, { keys: string[]; counts: number[] }>();

function drawnIndex(counts: readonly number[], random: Random): number {
  let left = random() * counts.reduce((sum, count) => sum + count, 0);
  return Math.max(
    0,
    counts.findIndex((count) => (left -= count) < 0),
  );
}
