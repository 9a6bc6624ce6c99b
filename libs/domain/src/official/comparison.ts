import type { Measure, Part } from '../enumerations.js';
import type { MeasureFigure } from '../fold/incident-figures.js';
import type { Indicator, StatusDefinition } from './enumerations.js';
import { type Interval, minus, notNegative, plus } from './interval.js';

/** Bounds with a point by an estimator; null: none was asked for, or no claimant gives a value. */
export interface Amount extends Interval {
  point: number | null;
}

const NOTHING: Amount = { lo: 0, hi: 0, point: 0 };

function addAmounts(a: Amount, b: Amount): Amount {
  return { ...plus(a, b), point: a.point === null || b.point === null ? null : a.point + b.point };
}

/** What is published less what is recorded: not altered where more is recorded than published. */
export function residualOf(official: Amount, recorded: Amount): Amount {
  const point = official.point === null || recorded.point === null ? null : official.point - recorded.point;
  return { ...minus(official, recorded), point };
}

const CIVILIANS: readonly Part[] = ['CIVILIAN', 'UNKNOWN'];

/**
 * The parts of recorded incidents that stand beside a definition. Who is of unknown status may be meant by any of them
 * (domain rule 5), so is shown with it and apart from it. The whole stands beside a definition that is not stated.
 */
const COMPARED_PARTS: Record<StatusDefinition, readonly Part[]> = {
  CIVILIANS,
  CIVILIANS_INCLUDING_POLICE: CIVILIANS,
  CIVILIANS_EXCLUDING_POLICE: CIVILIANS,
  SECURITY_FORCES: ['ARMED_FORCES_MEMBER', 'UNKNOWN'],
  NON_STATE_ARMED_GROUPS: ['DIRECT_PARTICIPANT', 'UNKNOWN'],
  ALL_PERSONS: ['TOTAL'],
  NOT_STATED: ['TOTAL'],
};

/** The measures that an indicator counts; killed + injured is computed. Null: incidents themselves are counted. */
const COMPARED_MEASURES: Record<Indicator, readonly Measure[] | null> = {
  KILLED: ['KILLED'],
  INJURED: ['INJURED'],
  CASUALTIES: ['KILLED', 'INJURED'],
  MISSING: ['MISSING'],
  ABDUCTED: ['ABDUCTED'],
  INCIDENTS: null,
};

/** What is done with police in non-combat functions: counted among civilians, left out, or left where sources put them. */
export const POLICE_RULES = ['include', 'exclude', 'as recorded'] as const;
export type PoliceRule = (typeof POLICE_RULES)[number];

/** What matches a definition where the reader does not choose. */
export function policeRuleOf(definition: StatusDefinition): PoliceRule {
  if (definition === 'CIVILIANS_INCLUDING_POLICE') return 'include';
  return definition === 'CIVILIANS_EXCLUDING_POLICE' ? 'exclude' : 'as recorded';
}

export interface ComparisonRule {
  indicator: Indicator;
  statusDefinition: StatusDefinition;
  police: PoliceRule;
}

/** The figures of one incident, and those of them that claims give to police in non-combat functions. */
export interface ComparedIncident {
  figures: readonly Amounts[];
  police: readonly Amounts[];
}
export interface Amounts extends Amount, Pick<MeasureFigure, 'measure' | 'part' | 'unknown'> {}

/** What one incident adds to a comparison. */
export interface ComparedAmount {
  byPart: Partial<Record<Part, Amount>>;
  /** The parts with police taken in or out. */
  together: Amount;
  /** What was taken in (positive) or out (negative). */
  policeMoved: Amount;
  /** Nobody says anything on the measures. */
  isSilent: boolean;
  /** Only that the number is unknown is known. */
  isUnknown: boolean;
}

export function compareIncident({ figures, police }: ComparedIncident, rule: ComparisonRule): ComparedAmount {
  const measures = COMPARED_MEASURES[rule.indicator];
  if (measures === null) {
    const one = { lo: 1, hi: 1, point: 1 };
    return { byPart: { TOTAL: one }, together: one, policeMoved: NOTHING, isSilent: false, isUnknown: false };
  }
  const parts = COMPARED_PARTS[rule.statusDefinition];
  const own = figures.filter(({ measure }) => measures.includes(measure));
  const compared = own.filter(({ part }) => parts.includes(part));
  const byPart: Partial<Record<Part, Amount>> = {};
  for (const part of parts) byPart[part] = sumOf(compared.filter((figure) => figure.part === part));
  const policeMoved = movedPolice(
    police.filter(({ measure }) => measures.includes(measure)),
    rule,
  );
  const sum = sumOf(compared);
  const isMoved = policeMoved.lo !== 0 || policeMoved.hi !== 0;
  return {
    byPart,
    together: isMoved ? { ...notNegative(plus(sum, policeMoved)), point: addAmounts(sum, policeMoved).point } : sum,
    policeMoved,
    isSilent: own.length === 0,
    isUnknown: compared.length > 0 && compared.every(({ unknown }) => unknown),
  };
}

/** Among civilians they are taken out where they stand there; with other statuses they are taken in. */
function movedPolice(police: readonly Amounts[], { statusDefinition, police: rule }: ComparisonRule): Amount {
  const parts = COMPARED_PARTS[statusDefinition];
  if (rule === 'as recorded' || parts.includes('TOTAL')) return NOTHING;
  const named = police.filter(({ part }) => part !== 'TOTAL');
  if (rule === 'include') return sumOf(named.filter(({ part }) => !parts.includes(part)));
  const out = sumOf(named.filter(({ part }) => parts.includes(part)));
  return { ...minus(NOTHING, out), point: out.point === null ? null : -out.point };
}

function sumOf(figures: readonly Amount[]): Amount {
  return figures.reduce(addAmounts, NOTHING);
}

/** Recorded incidents of one area, added up. */
export interface RecordedAmount {
  incidents: number;
  byPart: Partial<Record<Part, Amount>>;
  together: Amount;
  policeMoved: Amount;
  openIncidents: number;
  unknownIncidents: number;
  silentIncidents: number;
}

export function nothingRecorded(rule: ComparisonRule): RecordedAmount {
  const parts = COMPARED_MEASURES[rule.indicator] === null ? ['TOTAL' as const] : COMPARED_PARTS[rule.statusDefinition];
  return {
    incidents: 0,
    byPart: Object.fromEntries(parts.map((part) => [part, NOTHING])),
    together: NOTHING,
    policeMoved: NOTHING,
    openIncidents: 0,
    unknownIncidents: 0,
    silentIncidents: 0,
  };
}

export function addIncident(sum: RecordedAmount, incident: ComparedAmount): RecordedAmount {
  const { together, policeMoved, isSilent, isUnknown } = incident;
  const byPart = Object.entries(sum.byPart).map(([part, amount]) => [
    part,
    addAmounts(amount, incident.byPart[part as Part] ?? NOTHING),
  ]);
  return {
    incidents: sum.incidents + 1,
    byPart: Object.fromEntries(byPart) as RecordedAmount['byPart'],
    together: addAmounts(sum.together, together),
    policeMoved: addAmounts(sum.policeMoved, policeMoved),
    openIncidents: sum.openIncidents + (together.hi === null ? 1 : 0),
    unknownIncidents: sum.unknownIncidents + (isUnknown ? 1 : 0),
    silentIncidents: sum.silentIncidents + (isSilent ? 1 : 0),
  };
}

export function addRecorded(a: RecordedAmount, b: RecordedAmount): RecordedAmount {
  const parts = new Set([...Object.keys(a.byPart), ...Object.keys(b.byPart)]) as Set<Part>;
  return {
    incidents: a.incidents + b.incidents,
    byPart: Object.fromEntries(
      [...parts].map((part) => [part, addAmounts(a.byPart[part] ?? NOTHING, b.byPart[part] ?? NOTHING)]),
    ),
    together: addAmounts(a.together, b.together),
    policeMoved: addAmounts(a.policeMoved, b.policeMoved),
    openIncidents: a.openIncidents + b.openIncidents,
    unknownIncidents: a.unknownIncidents + b.unknownIncidents,
    silentIncidents: a.silentIncidents + b.silentIncidents,
  };
}
