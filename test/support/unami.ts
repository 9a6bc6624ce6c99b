import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Aggregate, Indicator, StatusDefinition } from '#app/domain';
import { sharedDataPath } from './shared-data.js';

/** UNAMI's monthly figures as the data folder has them, each as the aggregate that UNAMI would publish. */
export const UNAMI_SERIES = 'unami-civilian-casualties';
export const UNAMI_SOURCE = 'https://unami.unmissions.example/casualties';

const MONTHS = sharedDataPath('un', 'unami_iraq_monthly_civilian_casualties.csv');
const GOVERNORATES = sharedDataPath('un', 'unami_iraq_2018_by_governorate.csv');
export const unamiFiles = [MONTHS, GOVERNORATES].filter((file) => !existsSync(file));

type Row = Record<string, string>;
const rows = (file: string): Row[] => parse<Row>(readFileSync(file), { columns: true });

const DEFINITIONS: Record<string, StatusDefinition> = {
  yes: 'CIVILIANS_INCLUDING_POLICE',
  no: 'CIVILIANS_EXCLUDING_POLICE',
  unknown: 'CIVILIANS',
};

/** Of each month killed and injured, with the governorates that are known; the figures without police beside them. */
export function unamiAggregates(): Aggregate[] {
  const governorates = rows(GOVERNORATES);
  return rows(MONTHS).flatMap((row) => {
    const month = row['month'] as string;
    const parts = governorates.filter((part) => part['month'] === month);
    return (['KILLED', 'INJURED'] as const).flatMap((indicator) => {
      const column = indicator.toLowerCase();
      const breakdown = parts.map((part) => {
        return { area: { code: part['cod_pcode'] as string }, value: exact(Number(part[column])) };
      });
      const definition = DEFINITIONS[row['includes_police'] as string] as StatusDefinition;
      const own = figure({ month, indicator, definition, count: row[column], source: row['source'] });
      const without = figure({
        month,
        indicator,
        definition: 'CIVILIANS_EXCLUDING_POLICE',
        count: definition === 'CIVILIANS_EXCLUDING_POLICE' ? '' : row[`${column}_excl_police`],
        source: row['source'],
      });
      const exclusions =
        row['anbar_included'] === 'no' ? [{ code: 'IQG01', reason: 'UNAMI could not obtain Anbar' }] : [];
      return [...own.map((each) => ({ ...each, breakdown })), ...without].map((each) => {
        return { ...each, coverageExclusions: exclusions };
      });
    });
  });
}

interface Figure {
  month: string;
  indicator: Indicator;
  definition: StatusDefinition;
  /** '' where it is not known. */
  count: string | undefined;
  source: string | undefined;
}

function figure({ month, indicator, definition, count, source }: Figure): Aggregate[] {
  if (count === undefined || count === '') return [];
  return [
    unamiFigure(month, indicator, Number(count), {
      statusDefinition: definition,
      source: { name: 'UNAMI', kind: 'UN', url: source ?? null },
    }),
  ];
}

/** One figure of the series; published on the second day of the next month. */
export function unamiFigure(
  month: string,
  indicator: Indicator,
  count: number,
  more: Partial<Aggregate> = {},
): Aggregate {
  const end = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).toISOString().slice(0, 10);
  return {
    seriesId: UNAMI_SERIES,
    publisher: { name: 'UNAMI', kind: 'UN' },
    indicator,
    statusDefinition: 'CIVILIANS_INCLUDING_POLICE',
    period: { start: `${month}-01`, end },
    area: { code: 'IQ' },
    value: exact(count),
    publishedAt: new Date(Date.parse(`${end}T00:00:00Z`) + 2 * 86_400_000).toISOString(),
    kind: 'OFFICIAL_AGGREGATE',
    ...more,
  };
}

export function exact(count: number): Aggregate['value'] {
  return { qualifier: 'EXACT', lo: count, hi: count };
}
