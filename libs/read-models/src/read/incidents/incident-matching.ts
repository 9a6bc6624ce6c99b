import { UNCOUNTED } from '../../project/codes.js';
import type { IncidentFilter } from './incident-filter.js';
import type { IncidentState } from './incident-row.js';

/**
 * Whether an incident is one that a filter counts: the conditions of incident-filter.ts for a state that no table holds,
 * because it was folded at query time. A test compares the two on random filters.
 */
export function matchesFilter(state: IncidentState, filter: IncidentFilter): boolean {
  return (
    (state.status === 'ACTIVE' || state.status === 'RETRACTED') &&
    (filter.verifications.length > 0
      ? filter.verifications.includes(state.verification)
      : !UNCOUNTED.includes(state.verification)) &&
    isOneOf(filter.incidentTypes, state.incidentType) &&
    isOneOf(filter.publishers, state.publisher) &&
    shares(filter.roles, state.roles) &&
    shares(filter.weapons, state.weapons) &&
    shares(filter.targets, state.targets) &&
    namesActor(filter.actors, state.actors) &&
    isWithin(state, filter) &&
    isIn(state, filter)
  );
}

/** Whether an incident says something on the measures and statuses asked for. */
export function speaks({ measures }: Pick<IncidentState, 'measures'>, filter: IncidentFilter): boolean {
  if (filter.measures.length === 0 && filter.statuses.length === 0) return true;
  return measures.some(
    ({ measure, part }) =>
      isOneOf(filter.measures, measure) &&
      (filter.statuses.length === 0 ? part === 'TOTAL' : part !== 'TOTAL' && filter.statuses.includes(part)),
  );
}

function isOneOf<T>(asked: readonly T[], value: T): boolean {
  return asked.length === 0 || asked.includes(value);
}

function shares(asked: readonly string[], values: readonly string[]): boolean {
  return asked.length === 0 || asked.some((value) => values.includes(value));
}

function namesActor(asked: readonly string[], names: readonly string[]): boolean {
  return (
    asked.length === 0 || asked.some((part) => names.some((name) => name.toLowerCase().includes(part.toLowerCase())))
  );
}

function isWithin({ startDate, endDate }: IncidentState, { from, to, dateRule }: IncidentFilter): boolean {
  const first = dateRule === 'start' ? startDate : endDate;
  const last = dateRule === 'end' ? endDate : startDate;
  return (from === null || first >= from) && (to === null || last <= to);
}

function isIn({ placements }: IncidentState, { boundary, regions }: IncidentFilter): boolean {
  const placement = placements[boundary];
  if (placement === undefined) return false;
  return regions.length === 0 || regions.some(({ level, code }) => placement[level] === code);
}
