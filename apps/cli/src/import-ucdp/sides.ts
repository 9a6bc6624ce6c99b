import type { ActorClaim } from '#app/domain';
import { code, oneLine } from './cell-values.js';
import type { Cells } from './columns.js';

/** 1 state-based, 2 non-state, 3 one-sided. */
export type TypeOfViolence = 1 | 2 | 3;

type Side = 'A' | 'B';

/** Whom the dead of a side are counted with: soldiers of a government, fighters of anybody else, or civilians. */
export function statusOf(cells: Cells, side: Side): 'CIVILIAN' | 'ARMED_FORCES_MEMBER' | 'DIRECT_PARTICIPANT' {
  const name = cells[`side${side}`];
  if (isCivilians(name)) return 'CIVILIAN';
  return isGovernment(name, cells[`gwno${side}`]) ? 'ARMED_FORCES_MEMBER' : 'DIRECT_PARTICIPANT';
}

/** Both sides, as UCDP names them. */
export function actorsOf(cells: Cells, violence: TypeOfViolence): ActorClaim[] {
  return [actor(cells, 'A', violence), actor(cells, 'B', violence)].filter((claim) => claim !== null);
}

/** A government side carries its Gleditsch-Ward code(s) or says so in its name. */
function isGovernment(name: string, gwCodes: string): boolean {
  return gwCodes !== '' || /^Government of /i.test(name);
}

function isCivilians(name: string): boolean {
  return name.toLowerCase() === 'civilians';
}

function actor(cells: Cells, side: Side, violence: TypeOfViolence): ActorClaim | null {
  const name = oneLine(cells[`side${side}`]);
  if (name === '') return null;
  const id = code(cells[`side${side}Id`]);
  const type = actorType(cells, side, violence);
  const role = violence === 3 ? (side === 'B' ? 'VICTIM_GROUP' : 'PERPETRATOR') : 'PARTICIPANT';
  return {
    name,
    ...(type === null ? {} : { type }),
    role,
    attribution: 'ASSESSED',
    ...(id === '' ? {} : { ids: [{ scheme: 'UCDP', id }] }),
  };
}

/** UCDP does not say what kind of group the sides of a non-state conflict are (rebels, cartels, clans): no type then. */
function actorType(cells: Cells, side: Side, violence: TypeOfViolence): string | null {
  const name = cells[`side${side}`];
  const gwCodes = cells[`gwno${side}`];
  if (isCivilians(name)) return 'CIVILIANS';
  if (isGovernment(name, gwCodes)) return isForeign(gwCodes, cells.countryId) ? 'EXTERNAL_OTHER' : 'STATE_FORCES';
  if (/^XXX/i.test(name)) return 'UNIDENTIFIED_ARMED';
  return violence === 2 ? null : 'REBEL_GROUP';
}

/** STATE_FORCES are a state's on its own territory (docs/enumerations.md). Coalitions list several codes. */
function isForeign(gwCodes: string, countryId: string): boolean {
  const own = code(countryId);
  const codes = gwCodes.split(/[;,]/).map((each) => code(each.trim()));
  return gwCodes !== '' && own !== '' && !codes.includes(own);
}
