import { readFileSync } from 'node:fs';
import type { DecisionKind } from '#app/contract';
import { usageError } from '../exit-codes.js';

/** Values of the flags and arguments of a sub-command, by their camel-case names. */
export type Given = Record<string, string | string[] | boolean | undefined>;

interface KindCommand {
  kind: DecisionKind;
  description: string;
  /** Arguments, as commander writes them. */
  arguments?: readonly [name: string, description: string][];
  /** Flags; those that are required come first. */
  required?: readonly [flag: string, description: string][];
  options?: readonly [flag: string, description: string][];
  /** The members of the decision beside kind, reason, by and expect. */
  members: (given: Given) => Record<string, unknown>;
}

const INCIDENT: [string, string] = ['--incident <incident>', 'ledger id, or <source>|<ref>'];
const RESET: [string, string] = ['--reset', 'take the decision back: the claims decide again'];

/** `<source>|<ref>` as in the keys of messages, or a ledger id. */
function incidentOf(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  const bar = text.indexOf('|');
  return bar === -1 ? text : { source: text.slice(0, bar), ref: text.slice(bar + 1) };
}

const list = (value: Given[string]): string[] | undefined => (Array.isArray(value) ? value : undefined);
const numberOf = (value: Given[string]): number | undefined => (typeof value === 'string' ? Number(value) : undefined);

/** TYPE, TYPE/DELIVERY or TYPE/DELIVERY/INITIATION. */
function weaponOf(text: string): object {
  const [type, delivery, initiation] = text.split('/');
  return { type, ...(delivery ? { delivery } : {}), ...(initiation ? { initiation } : {}) };
}

/** <authority>:<code>, for instance COD-AB:IQG15Q05. */
function adminOf(text: string): object {
  const colon = text.indexOf(':');
  if (colon === -1) throw usageError(`--admin ${text}: write <authority>:<code>, for instance COD-AB:IQG15Q05.`);
  return { authority: text.slice(0, colon), code: text.slice(colon + 1) };
}

function policyOf(name: unknown): unknown {
  const text = String(name);
  if (!text.endsWith('.json')) return { name: text };
  try {
    return JSON.parse(readFileSync(text, 'utf8')) as unknown;
  } catch (error) {
    throw usageError(`${text} cannot be read as JSON: ${(error as Error).message}`);
  }
}

function datesOf({ start, end, precision, reset }: Given): object | null {
  return reset === true ? null : { start, end: end ?? start, precision };
}

function placeOf({ name, country, admin, lat, lon, precision, reset }: Given): object | null {
  if (reset === true) return null;
  return {
    name,
    country,
    admin: list(admin)?.map(adminOf),
    latitude: numberOf(lat),
    longitude: numberOf(lon),
    precision,
  };
}

/** A sub-command of `ledger decide` per kind. */
export const KIND_COMMANDS: Readonly<Record<string, KindCommand>> = {
  merge: {
    kind: 'MERGE',
    description: 'count the absorbed incidents under the survivor',
    required: [
      ['--survivor <incident>', 'ledger id, or <source>|<ref>'],
      ['--absorbed <incident...>', 'one or several'],
    ],
    members: ({ survivor, absorbed }) => ({
      survivor: incidentOf(survivor),
      absorbed: list(absorbed)?.map(incidentOf),
    }),
  },
  unmerge: {
    kind: 'UNMERGE',
    description: 'take a merge back',
    arguments: [['<event>', 'event id of the merge']],
    members: ({ event }) => ({ event }),
  },
  split: {
    kind: 'SPLIT',
    description: 'have reports count in another incident, which may be a new one',
    required: [
      INCIDENT,
      ['--report <id...>', 'reportId, one or several'],
      ['--into <incident>', 'ledger id, or <source>|<ref>'],
    ],
    options: [['--report-source <uri>', 'CloudEvents source of the reports, where several sources use their ids']],
    members: ({ incident, report, into, reportSource }) => ({
      incident: incidentOf(incident),
      reports: list(report)?.map((reportId) =>
        reportSource === undefined ? reportId : { source: reportSource, reportId },
      ),
      into: incidentOf(into),
    }),
  },
  verify: {
    kind: 'VERIFY',
    description: 'give an incident a grade, or none: the rule decides again',
    required: [
      INCIDENT,
      ['--grade <grade>', 'CONFIRMED, CONTESTED, DISCOUNTED or NONE'],
      ['--grounds <text>', 'what the grade rests on; not public'],
    ],
    members: ({ incident, grade, grounds }) => ({
      incident: incidentOf(incident),
      grade: grade === 'NONE' ? null : grade,
      grounds,
    }),
  },
  reclassify: {
    kind: 'RECLASSIFY',
    description: 'decide type, weapons, targets or perpetrators',
    required: [INCIDENT],
    options: [
      ['--type <incidentType>', 'for instance IED_ATTACK'],
      ['--weapon <type/delivery/initiation...>', 'for instance IED/VBIED'],
      ['--target <target...>', 'for instance BUSINESS'],
      ['--perpetrator <name...>', 'as it is to be shown; public'],
      RESET,
    ],
    members: ({ incident, type, weapon, target, perpetrator, reset }) => ({
      incident: incidentOf(incident),
      incidentType: type,
      weapons: list(weapon)?.map(weaponOf),
      targets: target,
      perpetrators: perpetrator,
      ...(reset === true ? { classification: null } : {}),
    }),
  },
  redate: {
    kind: 'REDATE',
    description: 'decide when it happened',
    required: [INCIDENT],
    options: [
      ['--start <date>', 'YYYY-MM-DD'],
      ['--end <date>', 'YYYY-MM-DD; the start when absent'],
      ['--precision <precision>', 'DAY, WEEK, MONTH or YEAR'],
      RESET,
    ],
    members: (given) => ({ incident: incidentOf(given['incident']), occurred: datesOf(given) }),
  },
  relocate: {
    kind: 'RELOCATE',
    description: 'decide where it happened; public',
    required: [INCIDENT],
    options: [
      ['--name <text>', 'name of the place'],
      ['--country <code>', 'ISO 3166'],
      ['--admin <authority:code...>', 'for instance COD-AB:IQG15Q05'],
      ['--lat <degrees>', 'latitude'],
      ['--lon <degrees>', 'longitude'],
      ['--precision <precision>', 'EXACT_POINT … COUNTRY'],
      RESET,
    ],
    members: (given) => ({ incident: incidentOf(given['incident']), place: placeOf(given) }),
  },
  retract: {
    kind: 'RETRACT',
    description: 'have an incident count nowhere',
    required: [INCIDENT],
    members: ({ incident }) => ({ incident: incidentOf(incident) }),
  },
  reinstate: {
    kind: 'REINSTATE',
    description: 'end a retraction',
    required: [INCIDENT],
    members: ({ incident }) => ({ incident: incidentOf(incident) }),
  },
  'reject-duplicate': {
    kind: 'REJECT_DUPLICATE',
    description: 'say that two incidents are not the same',
    arguments: [
      ['<a>', 'ledger id, or <source>|<ref>'],
      ['<b>', 'the other'],
    ],
    members: ({ a, b }) => ({ a: incidentOf(a), b: incidentOf(b) }),
  },
  'activate-policy': {
    kind: 'ACTIVATE_POLICY',
    description: 'read vague words by another conversion policy from here on',
    arguments: [['<policy>', 'its name, or a .json file with the whole of a new one']],
    members: ({ policy }) => ({ policy: policyOf(policy) }),
  },
  'activate-boundary-set': {
    kind: 'ACTIVATE_BOUNDARY_SET',
    description: 'place all incidents in an imported boundary set too',
    arguments: [['<name>', 'for instance cod-ab']],
    members: ({ name }) => ({ name }),
  },
  erase: {
    kind: 'ERASE',
    description: 'make committed values unreadable for good; cannot be taken back',
    required: [['--authority <text>', 'the order, request or law that it obeys']],
    options: [
      ['--incident <incident>', 'ledger id, or <source>|<ref>'],
      ['--report <reportId>', 'one report'],
      ['--report-source <uri>', 'its CloudEvents source'],
      ['--rejection <id>', 'the bytes of a refused message'],
      ['--event <id>', 'one event, for instance a decision whose reason names somebody'],
      ['--path <pointer...>', 'JSON Pointers into the message; "" = everything erasable'],
    ],
    members: ({ authority, incident, report, reportSource, rejection, event, path }) => ({
      authority,
      incident: incidentOf(incident),
      reportId: report,
      source: reportSource,
      rejection,
      event,
      paths: path,
    }),
  },
};
