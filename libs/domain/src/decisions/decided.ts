import type { DecidedClassification } from './decision-data.js';
import type { DecisionBodies, IncidentHome } from './decision-state.js';
import { FLAGS, type Flag, type Verification } from '../enumerations.js';
import type { IncidentFigures } from '../fold/incident-figures.js';
import { crossesPeriod } from '../fold/incident-tags.js';
import { sortedSet } from '../fold/sorted-set.js';
import { weaponsOf } from '../fold/weapons.js';
import { precisionOf } from '../fold/whole-report.js';

/** What is decided of an incident and therefore not left to the claims; absent = the claims decide. */
export interface Decided {
  home: IncidentHome | null;
  verification?: Verification;
  classification?: DecidedClassification;
  occurred?: DecisionBodies['REDATED']['occurred'];
  place?: DecisionBodies['RELOCATED'];
}

/**
 * What a steward decided holds instead of what most claimants give (domain fold 7). Claims that differ stay contested and
 * shown: the decision fixes the value and settles no dispute.
 */
export function holdDecisions(figures: IncidentFigures, decided: Decided): IncidentFigures {
  const held = { ...figures };
  if (decided.home) {
    held.publisher = decided.home.source;
    held.ref = decided.home.ref;
  }
  if (decided.verification) held.verification = decided.verification;
  if (decided.classification) holdClassification(held, decided.classification);
  if (decided.occurred) holdDate(held, decided.occurred);
  if (decided.place) {
    held.place = decided.place.place;
    held.placements = decided.place.placements;
    held.geoPrecision = precisionOf(decided.place.placements, decided.place.place);
  }
  return held;
}

function holdClassification(held: IncidentFigures, decided: DecidedClassification): void {
  if (decided.incidentType) held.incidentType = decided.incidentType;
  if (decided.weapons) Object.assign(held, weaponsOf(decided.weapons));
  if (decided.targets) held.targets = sortedSet(decided.targets);
  if (decided.perpetrators) {
    held.perpetrators = sortedSet(decided.perpetrators);
    held.actors = sortedSet([...held.actors, ...decided.perpetrators]);
  }
}

function holdDate(held: IncidentFigures, { start, end, precision }: NonNullable<Decided['occurred']>): void {
  held.start = start;
  held.end = end;
  held.timePrecision = precision;
  const flags = new Set<Flag>(held.flags);
  if (crossesPeriod(start, end)) flags.add('CROSSES_PERIOD');
  else flags.delete('CROSSES_PERIOD');
  held.flags = FLAGS.filter((flag) => flags.has(flag));
}
