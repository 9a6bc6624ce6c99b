import type { IncidentFigures } from '#app/domain';
import type { IncidentState } from './incident-row.js';

/** The state of an incident that was folded at query time and has no version of its own (number 0). */
export function stateOfFigures(
  figures: IncidentFigures,
  { incidentId, position }: { incidentId: string; position: number },
): IncidentState {
  const { place } = figures;
  return {
    incidentId,
    position,
    version: 0,
    publisher: figures.publisher,
    ref: figures.ref,
    status: figures.verification === 'RETRACTED' ? 'RETRACTED' : 'ACTIVE',
    survivor: null,
    verification: figures.verification,
    incidentType: figures.incidentType,
    startDate: figures.start,
    endDate: figures.end,
    timePrecision: figures.timePrecision,
    placeName: place.name ?? null,
    latitude: place.latitude ?? null,
    longitude: place.longitude ?? null,
    geoPrecision: figures.geoPrecision,
    placements: figures.placements,
    weapons: figures.weapons,
    weaponGroup: figures.weaponGroup,
    targets: figures.targets,
    actors: figures.actors,
    roles: figures.roles,
    flags: figures.flags,
    reports: figures.reports,
    claimants: figures.claimants,
    measures: figures.figures,
    contested: figures.contested,
    perpetrators: figures.perpetrators,
  };
}
