/**
 * A second implementation of the rules of casualty recording, written for the tests from the rules alone and kept apart
 * from the product's: it imports nothing of it. Reads leaves, gives the totals of every measure. Slow and plain on purpose.
 */
export interface PlainTotals {
  incidents: number;
  measures: Record<string, PlainSums>;
}

export interface PlainSums {
  lo: number;
  hi: number | null;
  hiKnown: number;
  openIncidents: number;
  unknownIncidents: number;
  silentIncidents: number;
  points: Record<(typeof POINTS)[number], number>;
  withoutPoint: number;
}

interface Value {
  qualifier: string;
  lo?: number | null;
  hi?: number | null;
  point?: number | null;
}
interface Claim {
  measure: string;
  status?: string | null;
  value: Value;
  by?: { name: string; kind: string } | null;
}
interface Leaf {
  position: number;
  type: string;
  stream: string;
  source: { ceSource: string } | null;
  data: {
    survivor?: string;
    absorbed?: string[];
    incident?: string;
    grade?: string | null;
    reportId?: string;
    report?: {
      reportId: string;
      revision: number;
      publishedAt: string;
      source: { name: string; kind: string; relayedFrom?: { name: string; kind: string }[] | null };
      casualties?: Claim[] | null;
    };
  };
}

type Report = NonNullable<Leaf['data']['report']>;

const MEASURES = ['KILLED', 'INJURED', 'MISSING', 'ABDUCTED', 'CASUALTIES_UNSPECIFIED'];
const POINTS = ['conservative', 'median', 'max', 'latest'] as const;

/**
 * Totals over all incidents after the events at positions ≤ `upTo`. Handles total claims of numbered qualifiers and UNKNOWN,
 * merges and their reversal, retraction, reinstatement and grades.
 */
export function foldPlainly(leaves: readonly Leaf[], upTo: number): PlainTotals {
  const incidents = new Map<string, { reports: Map<string, Report>; withdrawn: Set<string> }>();
  for (const leaf of leaves) {
    if (leaf.position > upTo || leaf.source === null) continue;
    const incident = incidents.get(leaf.stream) ?? { reports: new Map(), withdrawn: new Set() };
    if (leaf.type === 'ReportWithdrawn') incident.withdrawn.add(`${leaf.source.ceSource} ${leaf.data.reportId}`);
    const report = leaf.type === 'ReportRecorded' ? leaf.data.report : undefined;
    if (report !== undefined) {
      const key = `${leaf.source.ceSource} ${report.reportId}`;
      if ((incident.reports.get(key)?.revision ?? 0) < report.revision) incident.reports.set(key, report);
    }
    if (leaf.type === 'ReportWithdrawn' || report !== undefined) incidents.set(leaf.stream, incident);
  }
  const { survivorOf, silenced } = decided(leaves.filter(({ position }) => position <= upTo));
  const counted = new Map<string, Report[]>();
  for (const [incident, { reports, withdrawn }] of incidents) {
    const active = [...reports].filter(([key]) => !withdrawn.has(key)).map(([, report]) => report);
    const survivor = survivorOf.get(incident) ?? incident;
    if (active.length > 0) counted.set(survivor, [...(counted.get(survivor) ?? []), ...active]);
  }
  const folded = [...counted].filter(([incident]) => !silenced(incident)).map(([, active]) => active);
  return {
    incidents: folded.length,
    measures: Object.fromEntries(MEASURES.map((measure) => [measure, sums(folded, measure)])),
  };
}

/** Under which incident each absorbed one counts, and which count nowhere: retracted or discounted by a steward. */
function decided(leaves: readonly Leaf[]): {
  survivorOf: Map<string, string>;
  silenced: (incident: string) => boolean;
} {
  const survivorOf = new Map<string, string>();
  const retracted = new Set<string>();
  const discounted = new Set<string>();
  for (const { type, data } of leaves) {
    const { survivor = '', absorbed = [], incident = '' } = data;
    if (type === 'IncidentsMerged') for (const one of absorbed) survivorOf.set(one, survivor);
    if (type === 'MergeReverted') for (const one of absorbed) survivorOf.delete(one);
    if (type === 'IncidentRetracted') retracted.add(incident);
    if (type === 'IncidentReinstated') retracted.delete(incident);
    if (type === 'IncidentVerified' && data.grade === 'DISCOUNTED') discounted.add(incident);
    if (type === 'IncidentVerified' && data.grade !== 'DISCOUNTED') discounted.delete(incident);
  }
  return { survivorOf, silenced: (incident) => retracted.has(incident) || discounted.has(incident) };
}

function sums(incidents: readonly Report[][], measure: string): PlainSums {
  const total: PlainSums = {
    lo: 0,
    hi: 0,
    hiKnown: 0,
    openIncidents: 0,
    unknownIncidents: 0,
    silentIncidents: 0,
    points: { conservative: 0, median: 0, max: 0, latest: 0 },
    withoutPoint: 0,
  };
  for (const reports of incidents) {
    const claims = claimsOf(reports, measure);
    if (claims.length === 0) {
      total.silentIncidents++;
      continue;
    }
    const known = claims.filter(({ qualifier }) => qualifier !== 'UNKNOWN');
    if (known.length === 0) {
      total.unknownIncidents++;
      total.openIncidents++;
      total.withoutPoint++;
      total.lo += measure === 'CASUALTIES_UNSPECIFIED' ? 1 : 0;
      continue;
    }
    const intervals = known.map((value) =>
      value.qualifier === 'NONE_REPORTED' ? { lo: 0, hi: 0 } : { lo: value.lo ?? 0, hi: value.hi ?? null },
    );
    total.lo += Math.min(...intervals.map(({ lo }) => lo));
    if (intervals.some(({ hi }) => hi === null)) total.openIncidents++;
    else total.hiKnown += Math.max(...intervals.map(({ hi }) => hi ?? 0));
    const values = known.map((value, i) => {
      const { lo, hi } = intervals[i] as { lo: number; hi: number | null };
      return value.point ?? (hi === null ? lo : Math.floor((lo + hi) / 2));
    });
    const sorted = values.toSorted((a, b) => a - b);
    total.points.conservative += sorted[0] ?? 0;
    total.points.median += sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
    total.points.max += sorted.at(-1) ?? 0;
    total.points.latest += values.at(-1) ?? 0;
  }
  total.hi = total.openIncidents > 0 ? null : total.hiKnown;
  return total;
}

/** One value per claimant, that of its latest report, in the order of publication. */
function claimsOf(reports: readonly Report[], measure: string): Value[] {
  const inOrder = reports.toSorted(
    (a, b) => Date.parse(a.publishedAt) - Date.parse(b.publishedAt) || (a.reportId < b.reportId ? -1 : 1),
  );
  const byClaimant = new Map<string, Value>();
  for (const report of inOrder) {
    for (const { by, value } of (report.casualties ?? []).filter(
      (claim) => claim.measure === measure && claim.status == null,
    )) {
      const { name, kind } = by ?? report.source.relayedFrom?.at(-1) ?? report.source;
      const claimant = `${kind} ${name}`;
      byClaimant.delete(claimant); // set again at the end: the order of the map is the order of publication
      byClaimant.set(claimant, value);
    }
  }
  return [...byClaimant.values()];
}
