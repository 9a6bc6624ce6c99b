import { INCIDENT_TYPES, type IncidentType } from '../enumerations.js';

/** How far two publishers' incident types agree. UNKNOWN: one of the two does not know. */
export type TypeAgreement = 'SAME' | 'FAMILY' | 'UNKNOWN' | 'DIFFERENT';

type Family = 'BATTLE' | 'EXPLOSION' | 'CIVILIANS' | 'STRATEGIC' | 'PROTEST' | 'RIOT' | 'INFRASTRUCTURE' | 'UNKNOWN';

/** ACLED's event types (docs/enumerations.md), the coarsest level at which publishers of the field agree. */
const FAMILIES: Record<IncidentType, Family> = {
  ARMED_CLASH: 'BATTLE',
  TERRITORY_GAINED_STATE: 'BATTLE',
  TERRITORY_GAINED_NONSTATE: 'BATTLE',
  AIR_STRIKE: 'EXPLOSION',
  DRONE_STRIKE: 'EXPLOSION',
  SHELLING_ARTILLERY_MISSILE: 'EXPLOSION',
  IED_ATTACK: 'EXPLOSION',
  SUICIDE_ATTACK: 'EXPLOSION',
  MINE_ERW: 'EXPLOSION',
  GRENADE: 'EXPLOSION',
  CHEMICAL: 'EXPLOSION',
  ATTACK_ON_CIVILIANS: 'CIVILIANS',
  ASSASSINATION: 'CIVILIANS',
  ABDUCTION: 'CIVILIANS',
  SEXUAL_VIOLENCE: 'CIVILIANS',
  EXECUTION_EXTRAJUDICIAL: 'CIVILIANS',
  INFRASTRUCTURE_ATTACK: 'INFRASTRUCTURE',
  WEAPON_INTERDICTION: 'STRATEGIC',
  ARREST: 'STRATEGIC',
  AGREEMENT: 'STRATEGIC',
  BASE_ESTABLISHED: 'STRATEGIC',
  GROUP_CHANGE: 'STRATEGIC',
  TERRITORY_TRANSFER_NONVIOLENT: 'STRATEGIC',
  STRATEGIC_OTHER: 'STRATEGIC',
  PROTEST_PEACEFUL: 'PROTEST',
  PROTEST_INTERVENTION: 'PROTEST',
  PROTEST_EXCESSIVE_FORCE: 'PROTEST',
  RIOT_VIOLENT_DEMO: 'RIOT',
  MOB_VIOLENCE: 'RIOT',
  UNKNOWN_VIOLENCE: 'UNKNOWN',
};

export function typeAgreement(x: IncidentType, y: IncidentType): TypeAgreement {
  const [one, other] = [FAMILIES[x], FAMILIES[y]];
  if (one === 'UNKNOWN' || other === 'UNKNOWN') return 'UNKNOWN';
  if (x === y) return 'SAME';
  return one === other ? 'FAMILY' : 'DIFFERENT';
}

/** The types that agree with this one at all: to look for, before pairs are compared. */
export function typesAgreeingWith(type: IncidentType): IncidentType[] {
  return INCIDENT_TYPES.filter((other) => typeAgreement(type, other) !== 'DIFFERENT');
}
