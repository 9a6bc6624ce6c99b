import type { PoliceRule, RecordedAmount } from './comparison.js';
import type { PublicAggregate } from './messages.js';
import type { Interval } from './interval.js';

/** Why an official figure and recorded incidents are not the same number. Stable: analysts branch on them. */
export const DIFFERENCE_CODES = [
  'STATUS_DEFINITION',
  'POLICE_NON_COMBAT',
  'STATISTICAL_ESTIMATE',
  'COVERAGE_EXCLUSION',
  'DATA_CUTOFF',
  'OFFICIAL_CERTAINTY',
  'OFFICIAL_UNALLOCATED',
  'AREA_BOUNDARIES',
  'PUBLISHER_SCOPE',
  'PLACED_ONLY_TO_COUNTRY',
  'OPEN_INCIDENTS',
  'UNKNOWN_INCIDENTS',
  'SILENT_INCIDENTS',
  'DATED_ONLY_COARSELY',
  'CROSSES_PERIOD',
  'INTERVAL_INCONSISTENT',
] as const;
export type DifferenceCode = (typeof DIFFERENCE_CODES)[number];

export interface Difference {
  code: DifferenceCode;
  /** For people, in English. */
  detail: string;
  /** Incidents that it is about; null where it is not about incidents. */
  incidents: number | null;
  /** How much of a figure it is about; null where no number says that. */
  amount: Interval | null;
  /** Codes of the areas that it is about, as published. */
  areas: string[];
}

export interface ComparedSides {
  aggregate: PublicAggregate;
  /** Why areas are left out, by their place in `coverageExclusions`; null where it is not given or not shown. */
  exclusionReasons: readonly (string | null)[];
  unallocated: Interval;
  police: PoliceRule;
  recorded: RecordedAmount;
  /** Recorded, but in no area of the level that is compared. */
  placedOnlyToCountry: RecordedAmount;
  /** Incidents that are dated to a week, a month or a year, by that precision. */
  datedOnlyTo: Readonly<Record<string, number>>;
  /** Flagged incidents, by flag. */
  flags: Readonly<Record<string, number>>;
  /** CloudEvents sources of the recorded incidents. */
  publishers: readonly string[];
  boundary: string;
  /** Codes of published areas that the boundary set does not know. */
  unknownAreas: readonly string[];
  /** When the recorded side was read. */
  recordedAt: string;
  /** RFC 3339; null: the recorded side has all claims, whenever they were published. */
  publishedUntil: string | null;
}

/** The differences between the two sides, one by one. Those that depend on the data are named only where they are there. */
export function differencesOf(sides: ComparedSides): Difference[] {
  return [...ofDefinition(sides), ...ofPublication(sides), ...ofIncidents(sides)];
}

function difference(code: DifferenceCode, detail: string, more: Partial<Difference> = {}): Difference {
  const { amount = null, ...rest } = more;
  const bounds = amount && { lo: amount.lo, hi: amount.hi };
  return { code, detail, incidents: null, areas: [], ...rest, amount: bounds };
}

const POLICE_DETAILS: Record<PoliceRule, string> = {
  include: 'Police in non-combat functions are taken in on the recorded side, whatever status sources give them.',
  exclude: 'Police in non-combat functions are taken out of the recorded side.',
  'as recorded': 'Police in non-combat functions stand on the recorded side with the status that sources give them.',
};

function ofDefinition({ aggregate, police, recorded }: ComparedSides): Difference[] {
  const { statusDefinition, kind, publisher } = aggregate;
  const parts = Object.keys(recorded.byPart).join(' + ');
  return [
    difference(
      'STATUS_DEFINITION',
      `${publisher.name} counts ${statusDefinition}; of the recorded victims ${parts} stand beside it. Those of unknown status may or may not be meant.`,
      { amount: recorded.byPart.UNKNOWN ?? null },
    ),
    difference('POLICE_NON_COMBAT', POLICE_DETAILS[police], { amount: recorded.policeMoved }),
    ...(kind === 'STATISTICAL_ESTIMATE'
      ? [difference('STATISTICAL_ESTIMATE', 'The official figure is an estimate, not a count of documented cases.')]
      : []),
  ];
}

function ofPublication(sides: ComparedSides): Difference[] {
  const { aggregate, unallocated, exclusionReasons, unknownAreas, publishers, boundary, recordedAt, publishedUntil } =
    sides;
  const { dataCutoff, verification, publisher } = aggregate;
  const exclusions = (aggregate.coverageExclusions ?? []).map(({ code }, index) => {
    const reason = exclusionReasons[index] ?? null;
    return difference('COVERAGE_EXCLUSION', `${code} is left out or covered in part${reason ? `: ${reason}` : '.'}`, {
      areas: [code],
    });
  });
  return [
    ...exclusions,
    difference(
      'DATA_CUTOFF',
      `The official figure has data until ${dataCutoff ?? 'a day that is not stated'} and was published at ${aggregate.publishedAt}; the recorded side has what was recorded until ${recordedAt}${publishedUntil === null ? '' : ` and published by ${publishedUntil}`}.`,
    ),
    ...(verification ? [difference('OFFICIAL_CERTAINTY', `${publisher.name} says of it: ${verification}`)] : []),
    ...(unallocated.lo === 0 && unallocated.hi === 0
      ? []
      : [
          difference('OFFICIAL_UNALLOCATED', 'Part of the official figure is not given to any area.', {
            amount: { lo: unallocated.lo, hi: unallocated.hi },
          }),
        ]),
    difference(
      'AREA_BOUNDARIES',
      unknownAreas.length === 0
        ? `Recorded incidents are placed by boundary set ${boundary}; the publisher may draw its areas otherwise, above all where they are disputed.`
        : `Boundary set ${boundary} does not know all areas of the official figure: nothing recorded stands beside them.`,
      { areas: [...unknownAreas] },
    ),
    difference(
      'PUBLISHER_SCOPE',
      `Recorded incidents are those of ${publishers.length === 0 ? 'nobody' : publishers.join(', ')}, by their own rules of what is recorded${publishers.length > 1 ? '; the same incident may have been recorded by several' : ''}.`,
    ),
  ];
}

function ofIncidents({ recorded, placedOnlyToCountry, datedOnlyTo, flags }: ComparedSides): Difference[] {
  const dated = Object.entries(datedOnlyTo).filter(([precision]) => precision !== 'DAY');
  const datedIncidents = dated.reduce((sum, [, incidents]) => sum + incidents, 0);
  const counted: Difference[] = [
    difference('PLACED_ONLY_TO_COUNTRY', 'Incidents that are known only to the country count in no area below it.', {
      incidents: placedOnlyToCountry.incidents,
      amount: placedOnlyToCountry.together,
    }),
    difference('OPEN_INCIDENTS', 'Incidents without an upper bound.', { incidents: recorded.openIncidents }),
    difference('UNKNOWN_INCIDENTS', 'Incidents of which only is known that the number is unknown.', {
      incidents: recorded.unknownIncidents,
    }),
    difference('SILENT_INCIDENTS', 'Incidents of which no source says anything on what is compared.', {
      incidents: recorded.silentIncidents,
    }),
    difference(
      'DATED_ONLY_COARSELY',
      `Incidents that are dated only to a longer period (${dated.map(([precision, incidents]) => `${precision} ${incidents}`).join(', ')}) count by their first day.`,
      { incidents: datedIncidents },
    ),
    difference('CROSSES_PERIOD', 'Incidents that go on into another month count by their first day.', {
      incidents: flags['CROSSES_PERIOD'] ?? 0,
    }),
    difference('INTERVAL_INCONSISTENT', 'Incidents whose source contradicts itself count as given.', {
      incidents: flags['INTERVAL_INCONSISTENT'] ?? 0,
    }),
  ];
  return counted.filter(({ incidents }) => incidents !== 0);
}
