import { INDICATORS, type PublicAggregate } from '#app/domain';
import { Problem } from '#app/http-edge';
import type { OfficialName, OfficialRecord } from '#app/read-models';

export function areasOf({ area, breakdown }: PublicAggregate): string[] {
  return [area.code, ...(breakdown ?? []).map((part) => part.area.code)];
}

/** @throws Problem UNKNOWN_SERIES with the known ones: those that were recorded by then, withdrawn ones included */
export function assertSeries(asked: readonly string[], names: readonly OfficialName[]): void {
  const known = [...new Set(names.flatMap(({ series }) => series ?? []))].toSorted();
  for (const series of asked) {
    if (known.includes(series)) continue;
    throw new Problem('UNKNOWN_SERIES', `series ${series} is not known`, {
      errors: [{ parameter: 'series', code: 'UNKNOWN_SERIES', detail: `${series} is not known` }],
      members: { known: known.slice(0, 100) },
    });
  }
}

/** By source, series, area, definition, indicator and period: what is compared stands together. */
export function inOrder(records: readonly OfficialRecord<'AGGREGATE'>[]): OfficialRecord<'AGGREGATE'>[] {
  return records
    .map((record) => ({ record, key: sortKey(record) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ record }) => record);
}

function sortKey({ source, body, id }: OfficialRecord<'AGGREGATE'>): string {
  const { seriesId, area, statusDefinition, indicator, period } = body;
  return [
    source,
    seriesId,
    area.code,
    statusDefinition,
    INDICATORS.indexOf(indicator),
    period.start,
    period.end,
    id,
  ].join('\u0000');
}
