import type { Placement, Placements, ReportRecordedData } from '../report/report.js';

const LEVELS = ['country', 'admin1', 'admin2', 'admin3'] as const;

/** The areas of a report in every boundary set. Claimants that name the same areas give the same place. */
export function areaKey(body: ReportRecordedData): string {
  const sets = Object.keys(body.placements).toSorted();
  return sets.map((set) => `${set}=${pathOf(body.placements[set])}`).join(';');
}

function pathOf(placement: Placement | undefined): string {
  return placement ? LEVELS.map((level) => placement[level] ?? '').join('/') : '';
}

/** True when no two reports name different areas at one level: a coarser place does not contradict a finer one. */
export function agreeOnPlace(bodies: readonly ReportRecordedData[]): boolean {
  const seen = new Map<string, string>();
  for (const body of bodies) {
    for (const [set, placement] of Object.entries(body.placements)) {
      for (const level of LEVELS) {
        const area = placement[level];
        if (area === null) continue;
        const place = `${set} ${level}`;
        const other = seen.get(place);
        if (other !== undefined && other !== area) return false;
        seen.set(place, area);
      }
    }
  }
  return true;
}

/** Placements with one more set, or another placement in it; sorted, as in a report that was recorded with all of them. */
export function withPlacement(placements: Placements, boundary: string, placement: Placement): Placements {
  const sets = Object.entries({ ...placements, [boundary]: placement });
  return Object.fromEntries(sets.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
