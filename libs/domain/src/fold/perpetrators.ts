import { type Ballot, decideAttribute, latestEntries } from './attributes.js';
import type { ContestedValue } from './incident-figures.js';
import type { ActorClaim, PublicReport } from '../report/report.js';
import { sortedSet } from './sorted-set.js';

export interface ActorVerdict {
  actors: string[];
  perpetrators: string[];
  contested: ContestedValue[] | null;
}

const NOBODY: ActorVerdict = { actors: [], perpetrators: [], contested: null };

/** Everyone named, and the perpetrators that most claimants give (domain fold 7). */
export function decideActors(ranked: readonly PublicReport[]): ActorVerdict {
  const ballots = latestEntries(ranked, (report) => report.actors);
  if (ballots.length === 0) return NOBODY;
  const accusing: Ballot<ActorClaim[]>[] = [];
  const actors: string[] = [];
  for (const ballot of ballots) {
    for (const actor of ballot.value) actors.push(actor.name);
    ballot.key = accusation(ballot.value);
    if (ballot.key !== '') accusing.push(ballot);
  }
  const verdict = decideAttribute(accusing, accusation);
  return {
    actors: sortedSet(actors),
    perpetrators: verdict ? namesOf(verdict.value, false) : [],
    contested: verdict?.contested ?? null,
  };
}

/** Whom a claimant holds to be the perpetrators, or whom it says it was not; '' when it names nobody. */
function accusation(actors: readonly ActorClaim[]): string {
  const named = namesOf(actors, false);
  if (named.length > 0) return named.join(' + ');
  const denied = namesOf(actors, true);
  return denied.length > 0 ? `not ${denied.join(' + ')}` : '';
}

function namesOf(actors: readonly ActorClaim[], denied: boolean): string[] {
  const names: string[] = [];
  for (const { name, role, attribution } of actors) {
    if (role !== 'PERPETRATOR' || attribution === 'UNATTRIBUTED') continue;
    if ((attribution === 'DENIED') === denied) names.push(name);
  }
  return sortedSet(names);
}
