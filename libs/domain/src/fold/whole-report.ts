import { type Ballot, decideAttribute, latestReports } from './attributes.js';
import type { ContestedAttribute, IncidentFigures } from './incident-figures.js';
import { agreeOnPlace, areaKey } from './place-agreement.js';
import type { Place, Placements, ReportRecordedData } from '../report/report.js';

/** The reports whose date, place and type hold. */
export interface Whole {
  date: ReportRecordedData;
  place: ReportRecordedData;
  type: ReportRecordedData;
}

/** Date, place and type, each the value that most claimants give. */
export function decideWhole(bodies: readonly ReportRecordedData[], contested: IncidentFigures['contested']): Whole {
  if (bodies.length === 1) {
    const only = bodies[0] as ReportRecordedData;
    return { date: only, place: only, type: only };
  }
  const ballots = latestReports(bodies);
  const decide = (
    attribute: ContestedAttribute,
    key: (body: ReportRecordedData) => string,
    show: (body: ReportRecordedData) => string,
  ): ReportRecordedData => {
    for (const ballot of ballots) ballot.key = key(ballot.value);
    const verdict = decideAttribute<ReportRecordedData>(ballots, show);
    if (verdict?.contested) contested[attribute] = verdict.contested;
    return (verdict ?? (ballots[0] as Ballot<ReportRecordedData>)).value;
  };
  const date = decide('date', dateOf, dateOf);
  const type = decide('type', typeOf, typeOf);
  const place = decide('place', areaKey, (body) => body.report.place.name ?? areaKey(body));
  if (contested.place && agreeOnPlace(ballots.map((ballot) => ballot.value))) delete contested.place;
  return { date, place, type };
}

function dateOf({ report: { occurred } }: ReportRecordedData): string {
  return `${occurred.start}/${occurred.end} ${occurred.precision}`;
}

function typeOf(body: ReportRecordedData): string {
  return body.report.classification.incidentType;
}

/** The precision at which the place counts. */
export function precisionOf(placements: Placements, place: Place): IncidentFigures['geoPrecision'] {
  for (const set in placements) return placements[set]?.precision ?? 'UNKNOWN';
  return place.precision ?? 'UNKNOWN';
}
