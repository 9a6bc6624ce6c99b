import type { Party, PublicReport } from '../report/report.js';

/** What of a report decides who claims: its relays and its own source. */
type Voice = Pick<PublicReport, 'source'>;

/** Who says what a report states without a `by` of its own: the last of `relayedFrom`, else `source`. */
export function reportClaimant(report: Voice): Party {
  const relayed = report.source.relayedFrom;
  return relayed?.[relayed.length - 1] ?? report.source;
}

/** Who says one entry of a report: its `by`, else the claimant of the report (architecture §2). */
export function claimantOf(entry: { by?: Party | null }, report: Voice): Party {
  return entry.by ?? reportClaimant(report);
}

/** The last key that was asked for: the attributes of one report ask for that of its source again and again. */
let last = { kind: '', name: '', key: '["",""]' };

/** The key of a party: two entries with the same name and kind, byte for byte, are one claimant. */
export function partyKey({ kind, name }: Party): string {
  if (last.name !== name || last.kind !== kind) {
    last = { kind, name, key: `[${JSON.stringify(kind)},${JSON.stringify(name)}]` };
  }
  return last.key;
}

/** The key of who says `claim` in `report`: supersession and independence are per this key (domain rule 3). */
export function claimantKey(claim: { by?: Party | null }, report: Voice): string {
  return partyKey(claimantOf(claim, report));
}
