import {
  applyToIncident,
  type CasualtyClaim,
  conversionPolicy1,
  foldIncident,
  type IncidentEvent,
  type IncidentFigures,
  type Measure,
  type MeasureFigure,
  type Part,
  type Party,
  type Placement,
  type PublicReport,
  type ReportState,
} from '#app/domain';

/** A report for tests: what matters to the case is given, the rest is an ordinary report of one outlet. */
export interface GivenReport {
  /** CloudEvents source, and its key of the incident; null for a report that names the incident by its ledger id. */
  source?: string;
  ref?: string | null;
  id?: string;
  revision?: number;
  published?: string;
  by?: string | Party;
  kind?: Party['kind'];
  relayedFrom?: Party[];
  casualties?: CasualtyClaim[];
  language?: string;
  start?: string;
  end?: string;
  precision?: PublicReport['occurred']['precision'];
  type?: PublicReport['classification']['incidentType'];
  weapons?: PublicReport['classification']['weapons'];
  targets?: string[];
  actors?: PublicReport['actors'];
  placement?: Partial<Placement>;
  placeName?: string;
  flags?: ('INTERVAL_INCONSISTENT' | 'CROSSES_PERIOD')[];
}

const SOURCE = 'urn:test:publisher';

export function publicReport(fields: GivenReport = {}): PublicReport {
  const by =
    typeof fields.by === 'object' ? fields.by : { name: fields.by ?? 'Outlet A', kind: fields.kind ?? 'MEDIA_LOCAL' };
  const start = fields.start ?? '2018-11-08';
  return {
    reportId: fields.id ?? 'r1',
    revision: fields.revision ?? 1,
    incident: fields.ref === null ? { id: 'ledger-id' } : { ref: fields.ref ?? 'incident-1' },
    publishedAt: fields.published ?? '2018-11-09T06:00:00Z',
    language: fields.language ?? 'en',
    source: { ...by, relayedFrom: fields.relayedFrom ?? null },
    occurred: { start, end: fields.end ?? start, precision: fields.precision ?? 'DAY' },
    place: { name: fields.placeName ?? 'Mosul', country: 'IQ', precision: 'SETTLEMENT' },
    classification: {
      incidentType: fields.type ?? 'IED_ATTACK',
      weapons: fields.weapons ?? null,
      targets: fields.targets ?? null,
    },
    actors: fields.actors ?? null,
    casualties: fields.casualties ?? null,
  };
}

let nextPosition = 0;

export function recorded(fields: GivenReport = {}): IncidentEvent {
  const position = nextPosition++;
  const placement: Placement = {
    country: 'IQ',
    admin1: 'IQ-NI',
    admin2: null,
    admin3: null,
    precision: 'SETTLEMENT',
    ...fields.placement,
  };
  const report = publicReport(fields);
  return {
    type: 'ReportRecorded',
    source: fields.source ?? SOURCE,
    position,
    eventId: `event-${position}`,
    data: { report, disposition: 'APPLIED', placements: { 'iso-3166': placement }, flags: fields.flags ?? [] },
  };
}

export function withdrawn(reportId = 'r1'): IncidentEvent {
  const position = nextPosition++;
  const data = { reportId, incident: { ref: 'incident-1' } };
  return { type: 'ReportWithdrawn', source: SOURCE, position, eventId: `event-${position}`, data };
}

/** The active reports after the events, in the order given. */
export function activeAfter(events: readonly IncidentEvent[]): ReportState[] {
  let active: ReportState[] = [];
  for (const event of events) {
    const { closed, opened } = applyToIncident(active, event);
    active = [...active.filter((state) => !closed.includes(state)), ...opened];
  }
  return active;
}

export function foldOf(events: readonly IncidentEvent[]): IncidentFigures | null {
  return foldIncident(activeAfter(events), conversionPolicy1);
}

/** The figures of reports that arrived in the order given. */
export function given(...events: IncidentEvent[]) {
  const incident = foldOf(events);
  return {
    incident,
    figure: (measure: Measure, part: Part = 'TOTAL'): MeasureFigure | undefined =>
      incident?.figures.find((figure) => figure.measure === measure && figure.part === part),
    /** `lo…hi`, with `open` for null; null when the measure is silent. */
    interval(measure: Measure, part: Part = 'TOTAL'): string | null {
      const figure = this.figure(measure, part);
      return figure ? `${figure.lo}…${figure.hi ?? 'open'}` : null;
    },
  };
}

/** An exact claim; with `hi: null` at least so many. */
export function killed(lo: number, hi: number | null = lo, rest: Partial<CasualtyClaim> = {}): CasualtyClaim {
  return { measure: 'KILLED', value: { qualifier: hi === null ? 'AT_LEAST' : 'BETWEEN', lo, hi }, ...rest };
}

export function injured(lo: number, hi: number | null = lo, rest: Partial<CasualtyClaim> = {}): CasualtyClaim {
  return { ...killed(lo, hi, rest), measure: 'INJURED' };
}

export function unknown(measure: Measure, rest: Partial<CasualtyClaim> = {}): CasualtyClaim {
  return { measure, value: { qualifier: 'UNKNOWN' }, ...rest };
}

export function vague(measure: Measure, phrase: string, rest: Partial<CasualtyClaim> = {}): CasualtyClaim {
  return { measure, value: { qualifier: 'VAGUE', phrase }, ...rest };
}
