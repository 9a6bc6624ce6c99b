/**
 * Closed lists of aggregates, trends and sites. Where they come from: docs/enumerations.md. A list only ever grows: a
 * value that was recorded once stays readable for ever.
 */

/** What is counted. Of whom, says the status definition; killed + injured is computed, never published twice. */
export const INDICATORS = ['KILLED', 'INJURED', 'CASUALTIES', 'MISSING', 'ABDUCTED', 'INCIDENTS'] as const;
export type Indicator = (typeof INDICATORS)[number];

/** Of whom. UNAMI publishes one headline with police in non-combat functions and one without (domain rule 5). */
export const STATUS_DEFINITIONS = [
  'CIVILIANS',
  'CIVILIANS_INCLUDING_POLICE',
  'CIVILIANS_EXCLUDING_POLICE',
  'SECURITY_FORCES',
  'NON_STATE_ARMED_GROUPS',
  'ALL_PERSONS',
  'NOT_STATED',
] as const;
export type StatusDefinition = (typeof STATUS_DEFINITIONS)[number];

/** Counted one by one, or estimated: the two are never mixed (SDG 16.1.2). */
export const AGGREGATE_KINDS = ['OFFICIAL_AGGREGATE', 'STATISTICAL_ESTIMATE'] as const;
export type AggregateKind = (typeof AGGREGATE_KINDS)[number];

export const TREND_METRICS = [
  'INCIDENTS',
  'CIVILIAN_CASUALTIES',
  'CIVILIANS_KILLED',
  'CIVILIANS_INJURED',
  'ARMED_CLASHES',
  'AIR_STRIKES',
  'SHELLING',
  'IED_ATTACKS',
  'VBIED_ATTACKS',
  'SUICIDE_ATTACKS',
  'ATTACKS_ON_CIVILIANS',
  'ASSASSINATIONS',
  'ASSASSINATIONS_OF_COMMUNITY_LEADERS',
  'ABDUCTIONS',
  'SEXUAL_VIOLENCE',
  'ATTACKS_ON_INFRASTRUCTURE',
  'ATTACKS_ON_POWER_GRID',
  'ATTACKS_ON_SECURITY_FORCES',
  'TERRITORIAL_CONTROL',
  'DISPLACEMENT',
  'OTHER',
] as const;
export type TrendMetric = (typeof TREND_METRICS)[number];

export const TREND_DIRECTIONS = [
  'INCREASE',
  'DECREASE',
  'RE_EMERGENCE',
  'PERSISTENT',
  'RECORD_LOW',
  'RECORD_HIGH',
] as const;
export type TrendDirection = (typeof TREND_DIRECTIONS)[number];

export const SITE_KINDS = ['MASS_GRAVE'] as const;
export type SiteKind = (typeof SITE_KINDS)[number];
