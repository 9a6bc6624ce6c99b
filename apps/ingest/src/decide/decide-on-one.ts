import type { DecisionV1 } from '#app/contract';
import type { DecidedClassification, DecisionKind } from '#app/domain';
import { type Decided, decided, idOf, notApplicable } from './decided.js';
import { type Beside, type IncidentsAsked, refuseMerged } from './incidents-asked.js';

/** The one incident that a decision is about, and what is asked of its standing decisions. */
function about({ incident: name }: DecisionV1, known: IncidentsAsked) {
  const incident = idOf(name ?? '');
  refuseMerged(known, incident, '/incident');
  return {
    incident,
    has: (kind: DecisionKind): boolean => known.decided(incident, kind) !== undefined,
    needs: (kind: DecisionKind, pointer: string): void => {
      if (known.decided(incident, kind) === undefined) {
        notApplicable(pointer, 'no decision of this kind stands that could be taken back');
      }
    },
  };
}

/** A grade that only a steward gives, or null: the rule decides again. @throws DecisionRefused */
export function verify(data: DecisionV1, known: IncidentsAsked): Decided {
  const { incident, needs } = about(data, known);
  const grade = data.grade ?? null;
  if (grade === null) needs('VERIFIED', '/grade');
  return decided('IncidentVerified', { incident, grade }, incident);
}

/** Type, weapons, targets and perpetrators; the newest decision holds as a whole. @throws DecisionRefused */
export function reclassify(data: DecisionV1, known: IncidentsAsked): Decided {
  const { incident, needs } = about(data, known);
  const classification = classificationOf(data);
  if (classification === null) needs('RECLASSIFIED', '/classification');
  return decided('IncidentReclassified', { incident, classification }, incident);
}

/** When it happened, or null: the claims decide again. @throws DecisionRefused */
export function redate(data: DecisionV1, known: IncidentsAsked): Decided {
  const { incident, needs } = about(data, known);
  const occurred = data.occurred ?? null;
  if (occurred === null) needs('REDATED', '/occurred');
  return decided('IncidentRedated', { incident, occurred }, incident);
}

/** Where it happened, placed as a report would be, or null: the claims decide again. @throws DecisionRefused */
export function relocate(data: DecisionV1, known: IncidentsAsked, beside: Beside): Decided {
  const { incident, needs } = about(data, known);
  const place = data.place ?? null;
  if (place === null) needs('RELOCATED', '/place');
  const placements = place === null ? null : beside.place(place);
  return decided('IncidentRelocated', { incident, place, placements }, incident);
}

/** It counts nowhere from now on, and stays visible. @throws DecisionRefused */
export function retract(data: DecisionV1, known: IncidentsAsked): Decided {
  const { incident, has } = about(data, known);
  if (has('RETRACTED')) notApplicable('/incident', 'is retracted already');
  return decided('IncidentRetracted', { incident }, incident);
}

/** Ends a retraction. @throws DecisionRefused */
export function reinstate(data: DecisionV1, known: IncidentsAsked): Decided {
  const { incident, needs } = about(data, known);
  needs('RETRACTED', '/incident');
  return decided('IncidentReinstated', { incident }, incident);
}

/** What is decided of the four attributes; null where none is named: the claims decide all of them again. */
function classificationOf({ incidentType, weapons, targets, perpetrators }: DecisionV1): DecidedClassification | null {
  const classification: DecidedClassification = {
    ...(incidentType == null ? {} : { incidentType }),
    ...(weapons == null ? {} : { weapons }),
    ...(targets == null ? {} : { targets }),
    ...(perpetrators == null ? {} : { perpetrators }),
  };
  return Object.keys(classification).length === 0 ? null : classification;
}
