import {
  CIVILIAN_TARGETING,
  INCIDENT_TYPES,
  type IncidentType,
  type Report,
  TARGETS,
  WEAPON_CLASSES,
  WEAPON_DELIVERIES,
  WEAPON_INITIATIONS,
  WEAPON_TYPES,
  type WeaponClaim,
} from '#app/domain';
import { ListOf, ListOfNested, Nested, Optional, Required } from '../rules/nesting.js';
import { enumRule, OneOf } from '../rules/text.js';
import { PartyV1 } from './party.js';

/** A weapon, whoever says so. */
export class UsedWeaponV1 implements Omit<WeaponClaim, 'by'> {
  @Required()
  @OneOf(WEAPON_TYPES)
  type!: string;

  @Optional()
  @OneOf(WEAPON_CLASSES)
  class?: string | null;

  @Optional()
  @OneOf(WEAPON_DELIVERIES)
  delivery?: string | null;

  @Optional()
  @OneOf(WEAPON_INITIATIONS)
  initiation?: string | null;
}

/** A weapon that somebody claims was used. */
export class WeaponV1 extends UsedWeaponV1 implements WeaponClaim {
  @Optional()
  @Nested(PartyV1)
  by?: PartyV1 | null;
}

/** What kind of incident it was. */
export class ClassificationV1 implements NonNullable<Report['classification']> {
  @Required()
  @OneOf(INCIDENT_TYPES)
  incidentType!: IncidentType;

  @Optional()
  @OneOf(CIVILIAN_TARGETING)
  civilianTargeting?: string | null;

  @Optional()
  @ListOfNested(WeaponV1, 20)
  weapons?: WeaponV1[] | null;

  @Optional()
  @ListOf(enumRule(TARGETS), 30)
  targets?: string[] | null;
}
