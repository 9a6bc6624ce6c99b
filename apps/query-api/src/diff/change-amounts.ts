import {
  countedFigures,
  type FigureRequest,
  type GroupFigures,
  type IncidentState,
  matchesFilter,
} from '#app/read-models';
import type { ChangedFiguresDto, MeasureChangeDto } from './diff.dto.js';

const NOTHING: Pick<MeasureChangeDto, keyof MeasureChangeDto> = {
  lo: 0,
  hiKnown: 0,
  openIncidents: 0,
  unknownIncidents: 0,
  silentIncidents: 0,
  point: 0,
  withoutPoint: 0,
};
const AMOUNTS = Object.keys(NOTHING) as (keyof MeasureChangeDto)[];

/** What a state adds to the figures; null when it does not count. */
function amountsOf(
  state: IncidentState | null,
  request: FigureRequest,
  measures: readonly string[],
): Map<string, MeasureChangeDto> | null {
  if (state === null || !matchesFilter(state, request.filter)) return null;
  const amounts = new Map(measures.map((measure) => [measure, { ...NOTHING, silentIncidents: 1 }]));
  for (const { measure, lo, hi, open, unknown, point, valued } of countedFigures(state, request)) {
    amounts.set(measure, {
      lo,
      hiKnown: hi,
      openIncidents: open,
      unknownIncidents: unknown,
      silentIncidents: 0,
      point,
      withoutPoint: 1 - valued,
    });
  }
  return amounts;
}

export interface Effect {
  effect: 'ENTERS' | 'LEAVES' | 'CHANGES';
  changes: ChangedFiguresDto;
}

/** What one event did to the figures by one incident: what it adds after the event less what it added before. */
export function effectOf(
  before: IncidentState | null,
  after: IncidentState,
  request: FigureRequest,
  measures: readonly string[],
): Effect {
  const was = amountsOf(before, request, measures);
  const is = amountsOf(after, request, measures);
  const entries = measures.flatMap((measure): [string, MeasureChangeDto][] => {
    const change = less(is?.get(measure) ?? NOTHING, was?.get(measure) ?? NOTHING, request.estimator !== null);
    return AMOUNTS.some((name) => (change[name] ?? 0) !== 0) ? [[measure, change]] : [];
  });
  return {
    effect: was === null ? 'ENTERS' : is === null ? 'LEAVES' : 'CHANGES',
    changes: { incidents: (is === null ? 0 : 1) - (was === null ? 0 : 1), measures: Object.fromEntries(entries) },
  };
}

/** after − before of whole figures. */
export function differenceOf(before: GroupFigures, after: GroupFigures, hasEstimator: boolean): ChangedFiguresDto {
  const entries = Object.entries(after.measures).flatMap(([measure, is]): [string, MeasureChangeDto][] => {
    const was = before.measures[measure as keyof typeof before.measures];
    const change = less(numbers(is), was === undefined ? NOTHING : numbers(was), hasEstimator);
    return AMOUNTS.some((name) => (change[name] ?? 0) !== 0) ? [[measure, change]] : [];
  });
  return { incidents: after.incidents - before.incidents, measures: Object.fromEntries(entries) };
}

function numbers(sums: NonNullable<GroupFigures['measures']['KILLED']>): MeasureChangeDto {
  const { lo, hiKnown, openIncidents, unknownIncidents, silentIncidents, point, withoutPoint } = sums;
  return {
    lo,
    hiKnown,
    openIncidents,
    unknownIncidents,
    silentIncidents,
    point: point ?? 0,
    withoutPoint: withoutPoint ?? 0,
  };
}

function less(a: MeasureChangeDto, b: MeasureChangeDto, hasEstimator: boolean): MeasureChangeDto {
  return {
    lo: a.lo - b.lo,
    hiKnown: a.hiKnown - b.hiKnown,
    openIncidents: a.openIncidents - b.openIncidents,
    unknownIncidents: a.unknownIncidents - b.unknownIncidents,
    silentIncidents: a.silentIncidents - b.silentIncidents,
    point: hasEstimator ? (a.point ?? 0) - (b.point ?? 0) : null,
    withoutPoint: hasEstimator ? (a.withoutPoint ?? 0) - (b.withoutPoint ?? 0) : null,
  };
}
