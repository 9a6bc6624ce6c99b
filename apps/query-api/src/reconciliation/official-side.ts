import type { AreaValue, ClaimedValue, PublicAggregate } from '#app/domain';
import type { BoundarySet } from '#app/geography';
import type { OfficialRecord } from '#app/read-models';
import { areaKey, isWithin, levelOf } from '../official/areas.js';

type Published = OfficialRecord<'AGGREGATE'>;

/** A published whole with all that is published of its parts. */
export interface Whole {
  record: Published;
  /** By `areaKey`: its breakdown, and what the same series publishes for areas within it as figures of their own. */
  parts: ReadonlyMap<string, AreaValue>;
}

/** The wholes among figures of one period: those that lie in no other of the same indicator and definition. */
export function wholesOf(set: BoundarySet, records: readonly Published[]): Whole[] {
  const wholes: { record: Published; parts: Map<string, AreaValue> }[] = [];
  const widestFirst = records.toSorted((a, b) => levelOf(set, a.body.area.code) - levelOf(set, b.body.area.code));
  for (const record of widestFirst) {
    const { area, value } = record.body;
    const whole = wholes.find(
      ({ record: other }) => isSameFigure(other, record) && isWithin(set, area.code, other.body.area.code),
    );
    const key = areaKey(set, area.code);
    if (whole === undefined) wholes.push({ record, parts: breakdownOf(set, record.body) });
    else if (!whole.parts.has(key)) whole.parts.set(key, { area, value });
  }
  return wholes;
}

export function valuesOf({ parts }: Whole): ClaimedValue[] {
  return [...parts.values()].map(({ value }) => value);
}

function breakdownOf(set: BoundarySet, { breakdown }: PublicAggregate): Map<string, AreaValue> {
  return new Map((breakdown ?? []).map((part) => [areaKey(set, part.area.code), part]));
}

function isSameFigure(a: Published, b: Published): boolean {
  return (
    a.source === b.source &&
    a.body.kind === b.body.kind &&
    a.body.indicator === b.body.indicator &&
    a.body.statusDefinition === b.body.statusDefinition
  );
}
