import {
  type CasualtyClaim,
  claimantOf,
  type ConversionPolicy,
  partyKey,
  type PublicReport,
  readValue,
} from '#app/domain';
import type { ReportRevision } from '#app/read-models';
import type { ExplainedClaimDto } from './explain.dto.js';

/** A claim with the figure that it speaks of, and the key of who makes it. */
export interface ExplainedClaim extends ExplainedClaimDto {
  measure: string;
  part: string;
  claimantKey: string;
}

interface Spoken {
  revision: ReportRevision;
  report: PublicReport;
  fate: Fate;
}

/** Why a report counts or not. */
type Fate = Pick<ExplainedClaimDto, 'state' | 'because'>;

const STANDS: Fate = { state: 'STANDS', because: null };

/**
 * Every claim of some reports with what became of it, by the rules of the fold (domain.md, "The fold" 1 to 4): the
 * highest revision of each report, of each claimant the latest report that speaks, unknown numbers only where no other
 * claim stands.
 *
 * @param reports all revisions of the reports that count in one incident
 * @param until only what was published by then is known
 */
export function explainClaims(
  reports: readonly ReportRevision[],
  policy: ConversionPolicy,
  until: Date | null,
): ExplainedClaim[] {
  const spoken = fates(reports, until).toSorted(byPublication);
  const claims = spoken.flatMap(({ revision, report, fate }) =>
    (report.casualties ?? []).map((claim) => explained(claim, { revision, report, fate }, policy)),
  );
  supersede(claims);
  return claims;
}

/** What became of each report: withdrawn, replaced by a higher revision, or still said. */
function fates(reports: readonly ReportRevision[], until: Date | null): Spoken[] {
  const withdrawals = new Map<string, number>();
  const newest = new Map<string, ReportRevision>();
  const revisions = new Map<string, ReportRevision>();
  for (const report of reports) {
    const { kind, body, position } = report.state;
    const name = nameOf(report);
    if (kind === 'WITHDRAWN') withdrawals.set(name, position);
    if (body === null || (until !== null && Date.parse(body.report.publishedAt) > until.getTime())) continue;
    // A report that was placed again stands in several rows: the newest says all that the others say.
    revisions.set(`${name} ${report.state.revision}`, report);
    const known = newest.get(name)?.state.revision ?? -1;
    if (report.state.revision >= known) newest.set(name, report);
  }
  return [...revisions.values()].flatMap((revision): Spoken[] => {
    const { body } = revision.state;
    if (body === null) return [];
    const name = nameOf(revision);
    const withdrawnAt = withdrawals.get(name);
    const latest = newest.get(name) ?? revision;
    const { report } = body;
    if (withdrawnAt !== undefined) return [{ revision, report, fate: ended('WITHDRAWN', latest, withdrawnAt) }];
    if (latest.state.revision === revision.state.revision) return [{ revision, report, fate: STANDS }];
    return [{ revision, report, fate: ended('HIGHER_REVISION', latest, latest.state.position) }];
  });
}

function ended(reason: string, { state }: ReportRevision, position: number): Fate {
  return {
    state: reason === 'WITHDRAWN' ? 'WITHDRAWN' : 'SUPERSEDED',
    because: { reason, publisher: state.source, reportId: state.reportId, revision: state.revision, position },
  };
}

function nameOf({ state }: ReportRevision): string {
  return JSON.stringify([state.source, state.reportId]);
}

/** From the earliest to the latest: `publishedAt` as an instant, then `reportId`, then source. */
function byPublication(a: Spoken, b: Spoken): number {
  const order = (x: string, y: string): number => (x === y ? 0 : x < y ? -1 : 1);
  return (
    Date.parse(a.report.publishedAt) - Date.parse(b.report.publishedAt) ||
    order(a.report.reportId, b.report.reportId) ||
    order(a.revision.state.source, b.revision.state.source) ||
    a.revision.state.revision - b.revision.state.revision
  );
}

function explained(claim: CasualtyClaim, { revision, report, fate }: Spoken, policy: ConversionPolicy): ExplainedClaim {
  const party = claimantOf(claim, report);
  const read = readValue(claim.value, claim.measure, report.language, policy);
  const { source, reportId, position, eventId } = revision.state;
  return {
    ...fate,
    measure: claim.measure,
    part: claim.status ?? 'TOTAL',
    claimantKey: partyKey(party),
    claimant: { name: party.name, kind: party.kind },
    value: claim.value,
    language: report.language ?? null,
    readAs: {
      lo: read.lo,
      hi: read.hi,
      value: read.value,
      isUnknown: read.unknown,
      isPhraseUnknown: read.phraseUnknown,
    },
    role: claim.role ?? null,
    sex: claim.sex ?? null,
    age: claim.age ?? null,
    side: claim.side ?? null,
    report: {
      publisher: source,
      reportId,
      revision: revision.state.revision,
      position,
      eventId,
      publishedAt: report.publishedAt,
      outlet: { name: report.source.name, kind: report.source.kind },
    },
  };
}

/** Marks, of the claims that stand, those that a later or fuller one of the same claimant or of another sets aside. */
function supersede(claims: readonly ExplainedClaim[]): void {
  const cells = new Map<string, ExplainedClaim[]>();
  for (const claim of claims) {
    if (claim.state !== 'STANDS') continue;
    const cell = `${claim.measure} ${claim.part}`;
    cells.set(cell, [...(cells.get(cell) ?? []), claim]);
  }
  for (const cell of cells.values()) {
    const latest = new Map<string, ExplainedClaim['report']>();
    for (const claim of cell) latest.set(claim.claimantKey, claim.report);
    for (const claim of cell) {
      const later = latest.get(claim.claimantKey) ?? claim.report;
      if (later.eventId === claim.report.eventId) continue;
      claim.state = 'SUPERSEDED';
      claim.because = becauseOf('LATER_REPORT', later);
    }
    const standing = cell.filter(({ state }) => state === 'STANDS');
    for (const claim of standing.filter(isDetail)) {
      if (!standing.some((other) => other.claimantKey === claim.claimantKey && !isDetail(other))) continue;
      claim.state = 'DETAIL';
      claim.because = becauseOf('SAME_CLAIMANT_GIVES_THE_WHOLE', claim.report);
    }
    const isKnown = standing.some(({ readAs, state }) => state === 'STANDS' && !readAs.isUnknown);
    for (const claim of standing.filter(({ readAs, state }) => state === 'STANDS' && readAs.isUnknown)) {
      if (!isKnown) continue;
      claim.state = 'SET_ASIDE';
      claim.because = becauseOf('OTHERS_KNOW_MORE', claim.report);
    }
  }
}

function becauseOf(reason: string, report: ExplainedClaim['report']): ExplainedClaim['because'] {
  const { publisher, reportId, revision, position } = report;
  return { reason, publisher, reportId, revision, position };
}

function isDetail({ role, sex, age, side }: ExplainedClaim): boolean {
  return [role, sex, age, side].some((named) => named !== null);
}
