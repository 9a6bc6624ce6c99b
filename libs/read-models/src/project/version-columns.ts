import type { IncidentFigures, MeasureFigure, Placements } from '#app/domain';
import type { IncidentVersionRow } from '../rows.js';
import { copyJson, copyText, copyTextArray, NULL } from './copy-text.js';

/** The JSON in `incident_version.figures`. A WITHDRAWN version has no measures; those of a MERGED one count nowhere. */
export interface VersionFigures {
  measures: MeasureFigure[];
  contested: IncidentFigures['contested'];
  /** Names of those held to be the perpetrators by most claimants. */
  perpetrators: string[];
}

/** Columns of `incident_version` after `version` and before `survivor`, in the order in which this file writes them. */
export const VERSION_COLUMNS = `publisher, ref, status, verification, incident_type, start_date, end_date, time_precision,
  place_name, latitude, longitude, geo_precision, placements, areas, weapons, weapon_group, targets, actors, roles, flags,
  reports, claimants, figures`;

/** A version as a reader sees it. Two states of an incident with the same text here are one version. */
export function shownColumns(figures: IncidentFigures): string {
  const status = figures.verification === 'RETRACTED' ? 'RETRACTED' : 'ACTIVE';
  return columns(figures, { status, survivor: NULL, ...countsOf(figures) });
}

/** The version of an incident with no report left: it keeps the last known attributes, to be found, and has no figures. */
export function withdrawnColumns(last: IncidentFigures): string {
  return columns({ ...last, flags: [] }, { status: 'WITHDRAWN', survivor: NULL, ...NOTHING_COUNTED });
}

/** The version of an incident that counts under another: what its own reports say, or have said last. */
export function mergedColumns(own: IncidentFigures, hasReports: boolean, survivor: string): string {
  if (hasReports) return columns(own, { status: 'MERGED', survivor, ...countsOf(own) });
  return columns({ ...own, flags: [] }, { status: 'MERGED', survivor, ...NOTHING_COUNTED });
}

const NOTHING_COUNTED = { reports: 0, claimants: 0, figures: { measures: [], contested: {}, perpetrators: [] } };

function countsOf({
  reports,
  claimants,
  figures,
  contested,
  perpetrators,
}: IncidentFigures): Omit<Counted, 'status' | 'survivor'> {
  return { reports, claimants, figures: { measures: figures, contested, perpetrators } };
}

interface Counted {
  status: IncidentVersionRow['status'];
  survivor: string;
  reports: number;
  claimants: number;
  figures: VersionFigures;
}

function columns(incident: IncidentFigures, counted: Counted): string {
  const { place } = incident;
  return [
    copyText(incident.publisher),
    copyText(incident.ref),
    counted.status,
    incident.verification,
    incident.incidentType,
    incident.start,
    incident.end,
    incident.timePrecision,
    copyText(place.name ?? null),
    place.latitude ?? NULL,
    place.longitude ?? NULL,
    incident.geoPrecision,
    copyJson(JSON.stringify(incident.placements)),
    copyTextArray(areasOf(incident.placements)),
    copyTextArray(incident.weapons),
    incident.weaponGroup,
    copyTextArray(incident.targets),
    copyTextArray(incident.actors),
    copyTextArray(incident.roles),
    copyTextArray(incident.flags),
    counted.reports,
    counted.claimants,
    copyJson(figuresJson(counted.figures)),
    counted.survivor,
  ].join('\t');
}

/** JSON.stringify of nested objects is slow, and the measures are numbers and closed words: only the rest is left to it. */
function figuresJson({ measures, contested, perpetrators }: VersionFigures): string {
  let text = '';
  for (const { measure, part, lo, hi, unknown, flags, points } of measures) {
    const words = flags.length === 0 ? '' : `"${flags.join('","')}"`;
    const { conservative, median, max, latest, best } = points;
    text += `${text === '' ? '' : ','}{"measure":"${measure}","part":"${part}","lo":${lo},"hi":${hi},"unknown":${unknown},"flags":[${
      words
    }],"points":{"conservative":${conservative},"median":${median},"max":${max},"latest":${latest},"best":${best}}}`;
  }
  return `{"measures":[${text}],"contested":${jsonOf(contested)},"perpetrators":${jsonOf(perpetrators)}}`;
}

function jsonOf(value: object): string {
  for (const _ in value) return JSON.stringify(value);
  return Array.isArray(value) ? '[]' : '{}';
}

/** `iso-3166:IQ`, `iso-3166:IQ-NI` …: every country and area that holds the incident, per boundary set. */
export function areasOf(placements: Placements): string[] {
  const areas: string[] = [];
  for (const [boundary, { country, admin1, admin2, admin3 }] of Object.entries(placements)) {
    for (const code of [country, admin1, admin2, admin3]) if (code !== null) areas.push(`${boundary}:${code}`);
  }
  return areas;
}
