import type { DecisionKind, DecisionState, IncidentClaims } from '#app/domain';
import { joined, parseLeaf, type RecordedEvent } from '#app/log';
import type { ClientBase } from 'pg';
import { DECIDING, foldIncidents, pairOf, type StandingIncidents, type StreamEvent } from './fold-incidents.js';

interface StreamRow {
  stream: string;
  version: number;
  position: number;
  type: string;
  home: string;
  source: string | null;
  reportId: string | null;
  leaf: string | null;
}

/** Types with which an incident can begin: a report, a withdrawal that came first, a split that made it. */
const BEGINNINGS = ['ReportRecorded', 'ReportWithdrawn', 'IncidentSplit'];

// Only leaves that decide: of a report its name is enough, and erasures and placements decide nothing.
const READ_STREAMS = `
  SELECT s.stream_id AS stream, s.stream_version AS version, s.position, e.type, e.stream_id AS home,
         e.ce_source AS source, e.report_id AS "reportId",
         CASE WHEN e.type = ANY (string_to_array($3, chr(30))) THEN e.leaf END AS leaf
    FROM ledger.event_stream s
   CROSS JOIN LATERAL (
         SELECT i.* FROM ledger.event i WHERE i.log_id = s.log_id AND i.position = s.position LIMIT 1) e
   WHERE s.log_id = $1 AND s.stream_id = ANY (string_to_array($2, chr(30))::uuid[])
   ORDER BY s.position`;

/** Incidents that a decision names and all that hangs together with them, as the log has them. */
export class KnownIncidents implements StandingIncidents {
  private constructor(
    private readonly standing: StandingIncidents,
    private readonly versions: ReadonlyMap<string, number>,
    private readonly existing: ReadonlySet<string>,
  ) {}

  /** A few queries: merges and splits lead from one stream to the next. */
  static async load(tx: ClientBase, logId: number, incidentIds: readonly string[]): Promise<KnownIncidents> {
    const events = new Map<number, StreamEvent>();
    const versions = new Map<string, number>();
    const existing = new Set<string>();
    const seen = new Set<string>();
    for (let next = [...new Set(incidentIds)]; next.length > 0; ) {
      for (const stream of next) seen.add(stream);
      const { rows } = await tx.query<StreamRow>(READ_STREAMS, [logId, joined(next), joined(DECIDING)]);
      const found = new Set<string>();
      for (const row of rows) {
        versions.set(row.stream, Math.max(versions.get(row.stream) ?? 0, row.version));
        if (BEGINNINGS.includes(row.type)) existing.add(row.stream);
        const event = eventOf(row);
        if (event === null) continue;
        events.set(row.position, event);
        for (const stream of event.kind === 'decision' ? streamsOf(event.leaf) : []) found.add(stream);
      }
      next = [...found].filter((stream) => !seen.has(stream));
    }
    const inOrder = [...events.values()].toSorted((a, b) => a.position - b.position);
    return new KnownIncidents(foldIncidents(inOrder), versions, existing);
  }

  get rejectedPairs(): ReadonlySet<string> {
    return this.standing.rejectedPairs;
  }

  get(incidentId: string): IncidentClaims | undefined {
    return this.standing.get(incidentId);
  }

  /** 0 = nothing is recorded in this stream. */
  version(stream: string): number {
    return this.versions.get(stream) ?? 0;
  }

  exists(incidentId: string): boolean {
    return this.existing.has(incidentId);
  }

  isRejected(a: string, b: string): boolean {
    return this.rejectedPairs.has(pairOf(a, b));
  }

  /** The decision of this kind that stands on an incident. */
  decided(incidentId: string, kind: DecisionKind): DecisionState | undefined {
    return this.get(incidentId)?.decisions.find((state) => state.kind === kind);
  }
}

function eventOf({ home, position, type, source, reportId, leaf }: StreamRow): StreamEvent | null {
  if (leaf !== null) return { kind: 'decision', position, leaf: parseLeaf(leaf) };
  if (type !== 'ReportRecorded' && type !== 'ReportWithdrawn') return null;
  const withdrawn = type === 'ReportWithdrawn';
  return { kind: 'report', position, stream: home, source: source ?? '', reportId: reportId ?? '', withdrawn };
}

/** Where what hangs together goes on. */
function streamsOf({ type, stream, also = [] }: RecordedEvent): string[] {
  if (type !== 'IncidentsMerged' && type !== 'MergeReverted' && type !== 'IncidentSplit') return [];
  return [stream, ...also.map((other) => other.stream)];
}
