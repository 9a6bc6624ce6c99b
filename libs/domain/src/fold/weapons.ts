import { type Ballot, decideAttribute, latestEntries } from './attributes.js';
import type { ContestedValue } from './incident-figures.js';
import type { PublicReport, WeaponClaim } from '../report/report.js';
import { sortedSet } from './sorted-set.js';

export interface WeaponVerdict {
  weapons: string[];
  weaponGroup: string;
  contested: ContestedValue[] | null;
}

const NONE: WeaponVerdict = { weapons: [], weaponGroup: 'NONE', contested: null };

/** The label of one weapon in groups: its delivery where it is known, else its type. */
export function weaponLabel(weapon: WeaponClaim): string {
  return weapon.delivery && weapon.delivery !== 'UNKNOWN' ? weapon.delivery : weapon.type;
}

/** The weapons of the incident: those that most claimants give (domain fold 7). */
export function decideWeapons(ranked: readonly PublicReport[]): WeaponVerdict {
  const ballots = latestEntries(ranked, (report) => report.classification.weapons);
  if (ballots.length === 0) return NONE;
  for (const ballot of ballots) ballot.key = labelsOf(ballot.value);
  const verdict = decideAttribute(informed(ballots), labelsOf);
  if (!verdict) return NONE;
  const { weapons, weaponGroup } = weaponsOf(verdict.value);
  return { weapons, weaponGroup: verdict.contested ? 'CONTESTED' : weaponGroup, contested: verdict.contested };
}

/** The terms of weapons that hold, and their group. */
export function weaponsOf(weapons: readonly WeaponClaim[]): Pick<WeaponVerdict, 'weapons' | 'weaponGroup'> {
  if (weapons.length === 0) return { weapons: [], weaponGroup: 'NONE' };
  const labels = labelsOf(weapons);
  return { weapons: termsOf(weapons), weaponGroup: labels.includes(' + ') ? 'MULTIPLE' : labels };
}

/** "Weapon unknown" contradicts nobody: it stands only where no claimant knows more. */
function informed(ballots: Ballot<WeaponClaim[]>[]): Ballot<WeaponClaim[]>[] {
  const knowing = ballots.filter((ballot) => ballot.key !== 'UNKNOWN');
  return knowing.length > 0 ? knowing : ballots;
}

function labelsOf(weapons: readonly WeaponClaim[]): string {
  if (weapons.length === 1) return weaponLabel(weapons[0] as WeaponClaim);
  return sortedSet(weapons.map(weaponLabel)).join(' + ');
}

function termsOf(weapons: readonly WeaponClaim[]): string[] {
  const terms: string[] = [];
  for (const { type, delivery, initiation } of weapons) {
    terms.push(type);
    if (delivery && delivery !== 'UNKNOWN') terms.push(delivery);
    if (initiation && initiation !== 'UNKNOWN') terms.push(initiation);
  }
  return sortedSet(terms);
}
