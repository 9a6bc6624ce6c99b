import type { GeoPrecision } from '#app/domain';

// What 7,473 events in Iraq come to in the UCDP Georeferenced Event Dataset (GED), file conflict_data_irq.csv of the
// Humanitarian Data Exchange: counted once and written down, so that a run needs no file. Sundberg and Melander 2013,
// CC BY 4.0. Keys are values, numbers are events.

/** Of `date_start`. */
export const YEARS: Readonly<Record<string, number>> = {
  1989: 2,
  1990: 6,
  1991: 87,
  1992: 48,
  1993: 38,
  1994: 31,
  1995: 58,
  1996: 51,
  1997: 31,
  1998: 9,
  1999: 17,
  2000: 8,
  2001: 7,
  2002: 6,
  2003: 105,
  2004: 343,
  2005: 505,
  2006: 535,
  2007: 451,
  2008: 403,
  2009: 354,
  2010: 366,
  2011: 191,
  2012: 258,
  2013: 502,
  2014: 796,
  2015: 686,
  2016: 725,
  2017: 600,
  2018: 254,
};
export const MONTHS: Readonly<Record<string, number>> = {
  '01': 630,
  '02': 533,
  '03': 604,
  '04': 723,
  '05': 679,
  '06': 721,
  '07': 664,
  '08': 591,
  '09': 604,
  10: 686,
  11: 537,
  12: 501,
};
/** `type_of_violence`: 1 state-based, 2 non-state, 3 one-sided. */
export const VIOLENCE: Readonly<Record<string, number>> = { 1: 5775, 2: 145, 3: 1553 };
/** Of the governorates in `adm_1`, most events first; 413 events more name none. */
export const FIRST_LEVELS: readonly number[] = [
  2220, 1408, 1153, 661, 523, 302, 135, 113, 103, 69, 63, 60, 54, 44, 44, 42, 39, 16, 11,
];
/** `where_prec`. The coarse ones are what stays without a first-level area. */
export const PLACE_PRECISIONS: Readonly<Partial<Record<GeoPrecision, number>>> = {
  SETTLEMENT: 5345,
  NEAR_SETTLEMENT: 956,
  ADM2: 235,
  ADM1: 498,
  SUPRA_ADM1: 298,
  COUNTRY: 139,
  WATER_AIRSPACE: 2,
};
/** `date_prec`. */
export const DATE_PRECISIONS = { DAY: 6846, WEEK: 479, MONTH: 115, YEAR: 33 } as const;

/** `best`, as points of its distribution: this share of the events is below this number of deaths. The tail is heavy. */
export const DEATHS: readonly (readonly [share: number, deaths: number])[] = [
  [0, 0],
  [0.043, 1],
  [0.263, 2],
  [0.383, 3],
  [0.466, 4],
  [0.533, 5],
  [0.581, 6],
  [0.624, 7],
  [0.66, 8],
  [0.7, 9],
  [0.75, 12],
  [0.8, 15],
  [0.85, 20],
  [0.9, 27],
  [0.95, 46],
  [0.97, 64],
  [0.99, 140],
  [0.995, 256],
  [0.999, 791],
  [0.9995, 1_942],
  [0.9999, 9_505],
  [1, 9_506],
];
/** Where `low` is below `best` it is mostly nothing; where `high` is above it, half of them are more than this many times. */
export const LOW_BELOW_BEST = 908 / 7_473;
export const HIGH_ABOVE_BEST = 923 / 7_473;
export const HIGH_FACTOR = 1.67;
/** Deaths of civilians are counted: in one-sided violence, in the other kinds. */
export const CIVILIANS_OF_ONE_SIDED = 1_305 / 1_553;
export const CIVILIANS_OF_OTHERS = 1_150 / 5_920;
/** Deaths of an unknown side are counted. */
export const UNKNOWN_SIDE = 0.183;
