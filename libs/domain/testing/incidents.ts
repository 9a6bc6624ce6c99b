import {
  applyDecision,
  applyToIncident,
  type ConversionPolicy,
  conversionPolicy1,
  type DecisionEvent,
  type DecisionState,
  foldComponent,
  type IncidentEvent,
  type IncidentFigures,
  type IncidentHome,
  type Incidents,
  type Placement,
  type ReportState,
  rootOf,
  withPlacement,
} from '#app/domain';

interface Known {
  reports: ReportState[];
  decisions: DecisionState[];
  home: IncidentHome | null;
}

let nextPosition = 1_000_000;

/** `data` of a decision by its type, and the type: what a steward decides in a test. */
export type Decided = { [E in DecisionEvent as E['type']]: [type: E['type'], data: E['data']] }[DecisionEvent['type']];

/** Incidents by plain names, moved on by events as the projection does it, in memory. */
export class KnownIncidents implements Incidents {
  readonly #incidents = new Map<string, Known>();

  constructor(public policy: ConversionPolicy = conversionPolicy1) {}

  get(incidentId: string): Known {
    let known = this.#incidents.get(incidentId);
    if (known === undefined) {
      known = { reports: [], decisions: [], home: null };
      this.#incidents.set(incidentId, known);
    }
    return known;
  }

  report(incidentId: string, ...events: IncidentEvent[]): this {
    const known = this.get(incidentId);
    for (const event of events) {
      const { closed, opened } = applyToIncident(known.reports, event);
      known.reports = [...known.reports.filter((state) => !closed.includes(state)), ...opened];
      this.#remember();
    }
    return this;
  }

  /** @returns the id of the event, which a merge is reverted by */
  decide(...[type, data]: Decided): string {
    const position = nextPosition++;
    const eventId = `decision-${position}`;
    this.apply({ type, data, position, eventId, actor: 'steward:Layla' } as DecisionEvent);
    return eventId;
  }

  apply(event: DecisionEvent): void {
    for (const { incidentId, closed, opened } of applyDecision(this, event)) {
      const known = this.get(incidentId);
      known.decisions = [...known.decisions.filter((state) => !closed.includes(state)), ...opened];
    }
    this.#remember();
  }

  /** Puts what an event recorded into one more boundary set, or into another place of it. */
  place(incidentId: string, eventId: string, [boundary, placement]: [boundary: string, placement: Placement]): void {
    const known = this.get(incidentId);
    known.reports = known.reports.map((state) =>
      state.eventId === eventId && state.body
        ? { ...state, body: { ...state.body, placements: withPlacement(state.body.placements, boundary, placement) } }
        : state,
    );
    known.decisions = known.decisions.map((state) =>
      state.eventId === eventId && state.kind === 'RELOCATED'
        ? { ...state, body: { ...state.body, placements: withPlacement(state.body.placements, boundary, placement) } }
        : state,
    );
  }

  /** What counts under an incident: null when it counts under another, or not at all. */
  figures(incidentId: string): IncidentFigures | null {
    return rootOf(this, incidentId) === incidentId ? foldComponent(this, incidentId, this.policy) : null;
  }

  /** The figures of all incidents that count. */
  all(): Record<string, IncidentFigures> {
    const counting = [...this.#incidents.keys()].flatMap((incidentId) => {
      const figures = this.figures(incidentId);
      return figures ? [[incidentId, figures] as const] : [];
    });
    return Object.fromEntries(counting.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  #remember(): void {
    for (const [incidentId, known] of this.#incidents) {
      const figures = this.figures(incidentId);
      if (figures) known.home = { source: figures.publisher, ref: figures.ref };
    }
  }
}
