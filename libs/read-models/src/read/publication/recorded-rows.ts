import type { DecisionState, ReportRecordedData, ReportState } from '#app/domain';

/** A decision on an incident, as TypeORM gives it. */
export interface DecisionRow {
  incident_id: string;
  from_position: string;
  seq: number;
  event_id: string;
  kind: DecisionState['kind'];
  other: string | null;
  actor: string;
  body: string;
}

export function toDecisionState(row: DecisionRow): DecisionState {
  const { kind, seq, event_id: eventId, other, actor } = row;
  // What a row says fits its kind: the projection wrote both.
  const body: unknown = JSON.parse(row.body);
  return { kind, position: Number(row.from_position), seq, eventId, other, actor, body } as DecisionState;
}

/**
 * One row for each event. A report has several where it was placed again, in a further boundary set: it was recorded at the
 * first of them. While it stands, the newest says all; what is placed after its end says no more than the further areas.
 */
export function ofEvents(rows: readonly ReportRow[], toOne = ofOneEvent): ReportRow[] {
  const byEvent = new Map<string, [ReportRow, ...ReportRow[]]>();
  for (const row of rows) {
    const known = byEvent.get(row.event_id);
    if (known === undefined) byEvent.set(row.event_id, [row]);
    else known.push(row);
  }
  if (byEvent.size === rows.length) return [...rows];
  return [...byEvent.values()].map((ofOne) => toOne(ofOne));
}

export function ofOneEvent(rows: readonly [ReportRow, ...ReportRow[]]): ReportRow {
  const [first, ...further] = rows.toSorted((a, b) => Number(a.from_position) - Number(b.from_position)) as [
    ReportRow,
    ...ReportRow[],
  ];
  let whole = first;
  for (const row of further) {
    whole = row.is_beside
      ? { ...whole, body: withPlacementsOf(whole.body, row.body) }
      : { ...row, from_position: first.from_position };
  }
  return whole;
}

function withPlacementsOf(body: string | null, placed: string | null): string | null {
  if (body === null || placed === null) return body;
  const [whole, further] = [JSON.parse(body), JSON.parse(placed)] as [ReportRecordedData, ReportRecordedData];
  return JSON.stringify({ ...whole, placements: { ...whole.placements, ...further.placements } });
}

/** Of each report the highest revision, unless it was withdrawn. */
export function newestOf(rows: readonly ReportRow[]): ReportRow[] {
  const newest = new Map<string, ReportRow>();
  for (const row of rows) {
    const name = `${row.incident_id} ${row.source} ${row.report_id}`;
    const known = newest.get(name);
    if (known === undefined || row.kind === 'WITHDRAWN' || (known.kind === 'REPORT' && isNewer(row, known))) {
      newest.set(name, row);
    }
  }
  return [...newest.values()].filter(({ kind }) => kind === 'REPORT');
}

function isNewer(a: ReportRow, b: ReportRow): boolean {
  return Number(a.revision) > Number(b.revision);
}

/** A report or its withdrawal as one event recorded it or placed it, as TypeORM gives it. */
export interface ReportRow {
  incident_id: string;
  from_position: string;
  to_position?: string | null;
  /** It never stood: a late revision, or the placement of one that was replaced before. */
  is_beside: boolean;
  event_id: string;
  kind: ReportState['kind'];
  source: string;
  report_id: string;
  revision: string;
  body: string | null;
}

export function toReportState(row: ReportRow): ReportState {
  const body = row.body === null ? null : (JSON.parse(row.body) as ReportRecordedData);
  return {
    kind: row.kind,
    source: row.source,
    reportId: row.report_id,
    revision: Number(row.revision),
    position: Number(row.from_position),
    eventId: row.event_id,
    publishedAt: body?.report.publishedAt ?? null,
    body,
  };
}
