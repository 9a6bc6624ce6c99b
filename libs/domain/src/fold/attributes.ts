import { claimantOf, partyKey, reportClaimant } from '../claims/claimant.js';
import type { ContestedValue } from './incident-figures.js';
import type { ActorClaim, Party, PublicReport, ReportRecordedData, WeaponClaim } from '../report/report.js';

/** One claimant's statement on an attribute. `rank` orders reports by `publishedAt`, then `reportId`. */
export interface Ballot<T> {
  key: string;
  value: T;
  rank: number;
  claimant: Party;
}

export interface Verdict<T> {
  value: T;
  /** All values, the one that holds first; null when the claimants agree. */
  contested: ContestedValue[] | null;
}

/** The value that most claimants give; a tie goes to the earliest report (domain fold 7). Null without a ballot. */
export function decideAttribute<T>(ballots: readonly Ballot<T>[], show: (value: T) => string): Verdict<T> | null {
  if (ballots.length === 0) return null;
  if (ballots.length === 1) return { value: (ballots[0] as Ballot<T>).value, contested: null };
  const groups = new Map<string, { value: T; rank: number; key: string; claimants: Party[] }>();
  for (const { key, value, rank, claimant } of ballots) {
    const group = groups.get(key);
    if (!group) groups.set(key, { value, rank, key, claimants: [claimant] });
    else {
      group.claimants.push(claimant);
      if (rank < group.rank) {
        group.rank = rank;
        group.value = value;
      }
    }
  }
  if (groups.size === 1) return { value: earliest(groups), contested: null };
  const order = [...groups.values()].toSorted(
    (a, b) => b.claimants.length - a.claimants.length || a.rank - b.rank || (a.key < b.key ? -1 : 1),
  );
  const contested = order.map(({ value, claimants }) => ({ value: show(value), claimants: claimants.toSorted(byKey) }));
  return { value: (order[0] as { value: T }).value, contested };
}

function earliest<T>(groups: Map<string, { value: T }>): T {
  const [only] = groups.values();
  return (only as { value: T }).value;
}

/** An order that does not depend on which report came first. */
function byKey(a: Party, b: Party): number {
  const [x, y] = [partyKey(a), partyKey(b)];
  return x < y ? -1 : Number(x > y);
}

/** The latest report of each claimant, for what a report says as a whole: date, place and type. */
export function latestReports(ranked: readonly ReportRecordedData[]): Ballot<ReportRecordedData>[] {
  const latest = new Map<string, Ballot<ReportRecordedData>>();
  for (let rank = 0; rank < ranked.length; rank++) {
    const value = ranked[rank] as ReportRecordedData;
    const claimant = reportClaimant(value.report);
    latest.set(partyKey(claimant), { key: '', value, rank, claimant: partyOf(claimant) });
  }
  return [...latest.values()];
}

/** The entries (weapons, actors) of each claimant in the latest of its reports that has any. */
export function latestEntries<T extends WeaponClaim | ActorClaim>(
  ranked: readonly PublicReport[],
  entriesOf: (report: PublicReport) => readonly T[] | null | undefined,
): Ballot<T[]>[] {
  const latest = new Map<string, Ballot<T[]>>();
  for (let rank = 0; rank < ranked.length; rank++) {
    const report = ranked[rank] as PublicReport;
    const entries = entriesOf(report);
    if (!entries) continue;
    for (const entry of entries) {
      const claimant = claimantOf(entry, report);
      const key = partyKey(claimant);
      const ballot = latest.get(key);
      if (ballot?.rank === rank) ballot.value.push(entry);
      else latest.set(key, { key: '', value: [entry], rank, claimant: partyOf(claimant) });
    }
  }
  return [...latest.values()];
}

/** A party without the further members that a report's source has (URLs, licence). */
function partyOf(party: Party): Party {
  return { name: party.name, kind: party.kind };
}
