import { createHmac, type KeyObject } from 'node:crypto';
import { type Party, PROTECTED_SOURCE_KINDS, type PublicReport, type Report } from '#app/domain';
import { canonicalize } from './canonical-json.js';

/** What must not enter a leaf, one entry per erasable unit: JSON Pointer into the message's `data` → value. */
export type Committed = Map<string, unknown>;

export interface SplitReport {
  /** What the leaf embeds. */
  public: PublicReport;
  committed: Committed;
  /** Pointers whose key is that of a data subject: pointer → the publisher's subjectRef. */
  subjects: ReadonlyMap<string, string>;
}

const COMMITTED_SOURCE_MEMBERS = ['url', 'archiveUrl', 'documentId'] as const;

/**
 * Divides a report into what is public for ever and what is committed (architecture §2): everything under
 * `confidential`, `summary`, each of `tags`, `source.url`, `.archiveUrl`, `.documentId`; and wherever a party is a
 * WITNESS, SOCIAL or PARTNER_CONFIDENTIAL, its name, for which a pseudonym stands in the public part. Null and absent
 * values commit to nothing. The report given is not changed; where all of it is public it is itself the public part.
 */
export function splitReport(report: Report, pseudonymKey: KeyObject): SplitReport {
  if (isWhollyPublic(report)) return { public: report, committed: new Map(), subjects: NO_SUBJECTS };
  const committed: Committed = new Map();
  const subjects = new Map<string, string>();
  const { summary, tags, confidential, ...rest } = report;
  if (isPresent(summary)) committed.set('/summary', summary);
  for (const [index, tag] of (tags ?? []).entries()) committed.set(`/tags/${index}`, tag);
  commitConfidential(confidential, committed, subjects);

  const hide = hiding(committed, pseudonymKey);
  const publicReport: PublicReport = { ...rest, source: publicSource(report.source, committed, hide) };
  if (rest.casualties) publicReport.casualties = withoutNames(rest.casualties, '/casualties', hide);
  if (rest.actors) publicReport.actors = withoutNames(rest.actors, '/actors', hide);
  if (rest.classification.weapons) {
    const weapons = withoutNames(rest.classification.weapons, '/classification/weapons', hide);
    publicReport.classification = { ...rest.classification, weapons };
  }
  return { public: publicReport, committed, subjects };
}

const NO_SUBJECTS: ReadonlyMap<string, string> = new Map();

/** Whether nothing is committed and nothing is left out. */
function isWhollyPublic({ summary, tags, confidential, source, casualties, actors, classification }: Report): boolean {
  const isNamed = ({ kind }: Party): boolean => !PROTECTED_SOURCE_KINDS.has(kind);
  const byNamed = (claims: readonly { by?: Party | null }[] | null | undefined): boolean =>
    !claims || claims.every(({ by }) => !by || isNamed(by));
  return (
    summary === undefined &&
    tags === undefined &&
    confidential === undefined &&
    COMMITTED_SOURCE_MEMBERS.every((member) => source[member] === undefined) &&
    isNamed(source) &&
    (source.relayedFrom ?? []).every(isNamed) &&
    byNamed(casualties) &&
    byNamed(actors) &&
    byNamed(classification.weapons)
  );
}

/** Commits the free-text `reason` of a withdrawal or a decision, and the `grounds` of a grade; the rest is public. */
export function splitReason<T extends { reason?: unknown; grounds?: unknown }>(
  data: T,
): { public: Omit<T, 'reason' | 'grounds'>; committed: Committed } {
  const { reason, grounds, ...rest } = data;
  const committed: Committed = new Map();
  if (isPresent(grounds)) committed.set('/grounds', grounds);
  if (isPresent(reason)) committed.set('/reason', reason);
  return { public: rest, committed };
}

/** `pseudonym:` and base64url of HMAC(key, JCS([kind, name])): the same party is the same claimant in every report. */
export function pseudonymOf(party: Party, key: KeyObject): string {
  return `pseudonym:${createHmac('sha256', key)
    .update(canonicalize([party.kind, party.name]))
    .digest('base64url')}`;
}

export type Hide = <T extends Party>(party: T, pointer: string) => T;

/** Commits the name of a protected party, at its pointer, and gives the party under its pseudonym. */
export function hiding(committed: Committed, pseudonymKey: KeyObject): Hide {
  return (party, pointer) => {
    if (!PROTECTED_SOURCE_KINDS.has(party.kind)) return party;
    committed.set(`${pointer}/name`, party.name);
    return { ...party, name: pseudonymOf(party, pseudonymKey) };
  };
}

/** The source less its committed members; the pointers begin with `/source`. */
export function publicSource(source: Report['source'], committed: Committed, hide: Hide): Report['source'] {
  const relayed = source.relayedFrom ?? [];
  const result = hide({ ...source }, '/source');
  for (const member of COMMITTED_SOURCE_MEMBERS) {
    if (isPresent(result[member])) committed.set(`/source/${member}`, result[member]);
    delete result[member];
  }
  if (source.relayedFrom) {
    result.relayedFrom = relayed.map((party, index) => hide(party, `/source/relayedFrom/${index}`));
  }
  // The line of attribution is free text that names who is protected here.
  if (isPresent(result.attribution) && [source, ...relayed].some(({ kind }) => PROTECTED_SOURCE_KINDS.has(kind))) {
    committed.set('/source/attribution', result.attribution);
    delete result.attribution;
  }
  return result;
}

function withoutNames<T extends { by?: Party | null }>(claims: readonly T[], pointer: string, hide: Hide): T[] {
  return claims.map((claim, index) => (claim.by ? { ...claim, by: hide(claim.by, `${pointer}/${index}/by`) } : claim));
}

function commitConfidential(
  confidential: Report['confidential'],
  committed: Committed,
  subjects: Map<string, string>,
): void {
  for (const [member, value] of Object.entries(confidential ?? {}) as [string, unknown][]) {
    const pointer = `/confidential/${escapePointer(member)}`;
    if (!Array.isArray(value)) {
      if (isPresent(value)) committed.set(pointer, value);
      continue;
    }
    for (const [index, element] of (value as unknown[]).entries()) {
      committed.set(`${pointer}/${index}`, element);
      const subjectRef = (element as { subjectRef?: unknown } | null)?.subjectRef;
      if (typeof subjectRef === 'string') subjects.set(`${pointer}/${index}`, subjectRef);
    }
  }
}

function escapePointer(member: string): string {
  return member.replaceAll('~', '~0').replaceAll('/', '~1');
}

function isPresent<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
