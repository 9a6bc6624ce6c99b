import type { CsvColumn } from '#app/http-edge';
import type { Candidate, CandidateSide } from '#app/read-models';
import type { DuplicateDto, DuplicateIncidentDto } from './duplicates.dto.js';

export function duplicateDto(candidate: Candidate, boundary: string): DuplicateDto {
  const { score, rule, km, days, type, actors, position, incidents } = candidate;
  return { score, rule, km, days, type, actors, position, incidents: incidents.map((side) => sideDto(side, boundary)) };
}

function sideDto(side: CandidateSide, boundary: string): DuplicateIncidentDto {
  const placement = side.placements[boundary];
  return {
    id: side.incidentId,
    publisher: side.publisher,
    ref: side.ref,
    verification: side.verification,
    incidentType: side.incidentType,
    start: side.startDate,
    placeName: side.placeName,
    precision: side.geoPrecision,
    country: placement?.country ?? null,
    admin1: placement?.admin1 ?? null,
    admin2: placement?.admin2 ?? null,
    actors: side.actors,
  };
}

const column = (
  name: string,
  hxl: string,
  value: (duplicate: DuplicateDto) => string | number | null | undefined,
): CsvColumn<DuplicateDto> => ({ name, hxl, value });

const side = (index: 0 | 1, name: 'a' | 'b'): CsvColumn<DuplicateDto>[] => {
  const of =
    (
      member: 'id' | 'publisher' | 'ref' | 'incidentType' | 'start' | 'placeName' | 'precision' | 'country' | 'admin1',
    ) =>
    ({ incidents }: DuplicateDto) =>
      incidents[index]?.[member];
  return [
    column(`${name}_id`, `#event+id+${name}`, of('id')),
    column(`${name}_publisher`, `#meta+source+${name}`, of('publisher')),
    column(`${name}_ref`, `#event+code+${name}`, of('ref')),
    column(`${name}_type`, `#event+type+${name}`, of('incidentType')),
    column(`${name}_start`, `#date+start+${name}`, of('start')),
    column(`${name}_place`, `#loc+name+${name}`, of('placeName')),
    column(`${name}_precision`, `#geo+precision+${name}`, of('precision')),
    column(`${name}_country`, `#country+code+${name}`, of('country')),
    column(`${name}_admin1`, `#adm1+code+${name}`, of('admin1')),
    column(`${name}_actors`, `#group+name+${name}`, ({ incidents }) => incidents[index]?.actors.join('; ')),
  ];
};

export const DUPLICATE_COLUMNS: CsvColumn<DuplicateDto>[] = [
  column('score', '#indicator+score', ({ score }) => score),
  column('rule', '#meta+rule', ({ rule }) => rule),
  column('km', '#indicator+distance+km', ({ km }) => km),
  column('days', '#indicator+days', ({ days }) => days),
  column('type_agreement', '#indicator+type', ({ type }) => type),
  column('shared_actors', '#group+name+shared', ({ actors }) => actors.join('; ')),
  ...side(0, 'a'),
  ...side(1, 'b'),
  column('position', '#meta+position', ({ position }) => position),
];
