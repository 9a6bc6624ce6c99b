import type { CsvColumn } from '#app/http-edge';
import { type IncidentState, isLocated } from '#app/read-models';
import { areaName } from '../regions/gazetteer.js';
import type { FeatureDto } from './features.dto.js';
import type { IncidentDto } from './incidents.dto.js';

export function incidentDto(state: IncidentState, boundary: string): Pick<IncidentDto, keyof IncidentDto> {
  const placement = state.placements[boundary];
  const admin1 = placement?.admin1 ?? null;
  return {
    id: state.incidentId,
    ref: state.ref,
    publisher: state.publisher,
    status: state.status,
    survivor: state.survivor,
    verification: state.verification,
    incidentType: state.incidentType,
    start: state.startDate,
    end: state.endDate,
    timePrecision: state.timePrecision,
    place: {
      name: state.placeName,
      country: placement?.country ?? null,
      admin1,
      admin1Name: admin1 === null ? null : areaName(admin1),
      admin2: placement?.admin2 ?? null,
      latitude: state.latitude,
      longitude: state.longitude,
      precision: state.geoPrecision,
    },
    weapons: state.weapons,
    weaponGroup: state.weaponGroup,
    targets: state.targets,
    actors: state.actors,
    roles: state.roles,
    flags: state.flags,
    reports: state.reports,
    claimants: state.claimants,
    figures: state.measures.map(({ measure, part, lo, hi, unknown, flags, points }) => {
      return { measure, part, lo, hi, unknown, flags: [...flags], points: { ...points } };
    }),
    version: state.version,
    position: state.position,
  };
}

/** RFC 7946. Geometry is null where the place is coarser than a settlement: a centre of an area is not a place. */
export function feature(incident: IncidentDto): FeatureDto {
  const { latitude, longitude, precision } = incident.place;
  const isPoint = latitude !== null && longitude !== null && isLocated(precision);
  return {
    type: 'Feature',
    id: incident.id,
    geometry: isPoint ? { type: 'Point', coordinates: [longitude, latitude] } : null,
    properties: incident,
  };
}

const text = (name: string, hxl: string, value: (incident: IncidentDto) => string | number | null) => {
  return { name, hxl, value } satisfies CsvColumn<IncidentDto>;
};

function measureColumns(measure: string, name: string, hxl: string): CsvColumn<IncidentDto>[] {
  const of = ({ figures }: IncidentDto) =>
    figures.find((figure) => figure.measure === measure && figure.part === 'TOTAL');
  return [
    { name: `${name}_lo`, hxl: `${hxl}+min`, value: (incident) => of(incident)?.lo },
    { name: `${name}_hi`, hxl: `${hxl}+max`, value: (incident) => of(incident)?.hi },
    {
      name: `${name}_state`,
      hxl: `${hxl}+state`,
      value: (incident) => {
        const figure = of(incident);
        if (figure === undefined) return 'SILENT';
        if (figure.unknown) return 'UNKNOWN';
        return figure.hi === null ? 'OPEN' : 'CLOSED';
      },
    },
  ];
}

/** Several values of one cell are separated by a bar. `…_state` tells silent, unknown and open from zero. */
export const INCIDENT_COLUMNS: readonly CsvColumn<IncidentDto>[] = [
  text('incident_id', '#event+id', ({ id }) => id),
  text('ref', '#event+code', ({ ref }) => ref),
  text('publisher', '#meta+source', ({ publisher }) => publisher),
  text('state', '#status', ({ status }) => status),
  text('survivor', '#event+id+survivor', ({ survivor }) => survivor),
  text('verification', '#status+verification', ({ verification }) => verification),
  text('incident_type', '#event+type', ({ incidentType }) => incidentType),
  text('start', '#date+start', ({ start }) => start),
  text('end', '#date+end', ({ end }) => end),
  text('time_precision', '#date+precision', ({ timePrecision }) => timePrecision),
  text('country', '#country+code', ({ place }) => place.country),
  text('admin1', '#adm1+code', ({ place }) => place.admin1),
  text('admin1_name', '#adm1+name', ({ place }) => place.admin1Name),
  text('admin2', '#adm2+code', ({ place }) => place.admin2),
  text('place', '#loc+name', ({ place }) => place.name),
  text('latitude', '#geo+lat', ({ place }) => place.latitude),
  text('longitude', '#geo+lon', ({ place }) => place.longitude),
  text('geo_precision', '#geo+precision', ({ place }) => place.precision),
  text('weapons', '#event+weapon', ({ weapons }) => weapons.join('|')),
  text('targets', '#event+target', ({ targets }) => targets.join('|')),
  text('actors', '#org+actor', ({ actors }) => actors.join('|')),
  text('roles', '#affected+role', ({ roles }) => roles.join('|')),
  ...measureColumns('KILLED', 'killed', '#affected+killed'),
  ...measureColumns('INJURED', 'injured', '#affected+injured'),
  ...measureColumns('MISSING', 'missing', '#affected+missing'),
  ...measureColumns('ABDUCTED', 'abducted', '#affected+abducted'),
  ...measureColumns('CASUALTIES_UNSPECIFIED', 'casualties_unspecified', '#affected+unspecified'),
  text('flags', '#meta+flags', ({ flags }) => flags.join('|')),
  text('reports', '#meta+reports+num', ({ reports }) => reports),
  text('claimants', '#meta+claimants+num', ({ claimants }) => claimants),
  text('position', '#meta+position', ({ position }) => position),
];
