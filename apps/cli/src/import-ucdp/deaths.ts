import type { CasualtyClaim, ClaimedValue } from '#app/domain';

/** The counts of one GED row. `low`, `best` and `high` are of the total; the others are best estimates by side. */
export interface Deaths {
  low: number;
  best: number;
  high: number;
  civilians: number;
  unknown: number;
  sides: readonly {
    side: 'A' | 'B';
    deaths: number;
    status: 'CIVILIAN' | 'ARMED_FORCES_MEMBER' | 'DIRECT_PARTICIPANT';
  }[];
}

/**
 * The claims of one row: the total as UCDP's interval with its best estimate as the point, and a part for each of its
 * columns. Sides keep their letter: where both have one status (two governments, two non-state groups) the fold adds them.
 * A zero is sent as it stands: UCDP says that none are known, which is not silence (domain rule 1).
 */
export function killed({ low, best, high, civilians, unknown, sides }: Deaths): CasualtyClaim[] {
  // The side "Civilians" of one-sided violence is no party: its dead are civilians like those of deaths_civilians.
  const civilianSide = sides.reduce((sum, { status, deaths }) => sum + (status === 'CIVILIAN' ? deaths : 0), 0);
  return [
    { measure: 'KILLED', value: total(low, best, high) },
    { measure: 'KILLED', status: 'CIVILIAN', value: exact(civilians + civilianSide) },
    ...sides
      .filter(({ status }) => status !== 'CIVILIAN')
      .map(({ side, deaths, status }) => ({ measure: 'KILLED' as const, status, side, value: exact(deaths) })),
    { measure: 'KILLED', status: 'UNKNOWN', value: exact(unknown) },
  ];
}

/** As given, even where low > high or best lies outside: flagged at ingest, never repaired (domain rule 11). */
function total(low: number, best: number, high: number): ClaimedValue {
  return { qualifier: low === high && low === best ? 'EXACT' : 'BETWEEN', lo: low, hi: high, point: best };
}

function exact(count: number): ClaimedValue {
  return { qualifier: 'EXACT', lo: count, hi: count, point: count };
}
