import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { INCIDENT_NAMESPACE, type Placement, type PublicReport } from '#app/domain';
import { canonicalize, uuidV5 } from '#app/log';
import { rebuild, replay, UnfoldableEventError, UnknownPolicyError } from '#app/read-models';
import { createPool } from '#app/runtime';
import type pg from 'pg';
import { policy2 } from '../support/decision-story.js';
import { OfficialStory } from '../support/official-story.js';
import { unamiFigure, UNAMI_SERIES, UNAMI_SOURCE } from '../support/unami.js';
import { IncidentStory, startProjection, type TestProjection } from '../support/incident-story.js';
import { projectAll } from '../support/project-all.js';

/** What stands beside the incidents and decides how they count: policies, boundary sets, snapshots. */

jest.setTimeout(60_000);

let projection: TestProjection;
let auditor: pg.Pool;
let story: IncidentStory;
beforeEach(async () => {
  projection = await startProjection();
  auditor = createPool(projection.log.url, { role: 'ledger_audit', max: 4 });
  story = new IncidentStory(projection.log);
});
afterEach(async () => {
  await auditor.end();
  await projection.close();
});

const dozens: NonNullable<PublicReport['casualties']>[number] = {
  measure: 'KILLED',
  value: { qualifier: 'VAGUE', phrase: 'dozens' },
};

const SHA = 'f'.repeat(64);

async function killed(upTo: number, boundary = 'iso-3166'): Promise<Record<string, unknown>> {
  const { rows } = await projection.pool.query<{ admin1: string; sums: unknown }>(
    `SELECT admin1, json_build_object('lo', sum(d_lo), 'hi', coalesce(sum(d_hi), 0), 'open', coalesce(sum(d_open), 0)) AS sums
       FROM read_model.posting
      WHERE position <= $1 AND boundary = $2 AND measure = 'KILLED' AND part = 'TOTAL' GROUP BY admin1`,
    [upTo, boundary],
  );
  return Object.fromEntries(rows.map(({ admin1, sums }) => [admin1, sums]));
}

async function records(kind: string): Promise<unknown[]> {
  const { rows } = await projection.pool.query<{ body: string }>(
    `SELECT key, from_position::int AS "from", to_position::int AS "to", body FROM read_model.record
      WHERE kind = $1 ORDER BY from_position`,
    [kind],
  );
  return rows.map(({ body, ...row }) => ({ ...row, name: (JSON.parse(body) as { name: string }).name }));
}

const keyOf = (kind: string, name: string): string =>
  uuidV5(INCIDENT_NAMESPACE, canonicalize([projection.log.head.log, kind, name]));

async function followsFromTheLog(upTo: number): Promise<void> {
  expect((await replay({ pool: auditor, upTo })).differing).toEqual([]);
  expect((await rebuild({ pool: projection.pool })).differing).toEqual([]);
}

describe('the records of a log', () => {
  it('begin with what its first figures depend on', async () => {
    await projectAll(projection.pool);
    expect(await records('BOUNDARY')).toEqual([
      { key: keyOf('BOUNDARY', 'iso-3166'), from: 1, to: null, name: 'iso-3166' },
    ]);
    expect(await records('POLICY')).toEqual([{ key: keyOf('POLICY', '1'), from: 2, to: null, name: '1' }]);
    expect(await records('PROJECTION')).toEqual([{ key: keyOf('PROJECTION', '1'), from: 3, to: null, name: '1' }]);
  });

  it('keep snapshots and boundary sets beside one another, and one policy at a time', async () => {
    await projection.log.append([
      story.decision('SnapshotSealed', { name: 'october', projection: 2 }),
      story.decision('SnapshotSealed', { name: 'november', projection: 2 }),
      story.decision('BoundarySetActivated', { name: 'cod-ab', sha256: SHA }),
      story.decision('ConversionPolicyActivated', { name: '2', sha256: SHA, policy: policy2 }),
      story.decision('BoundarySetActivated', { name: 'cod-ab', sha256: 'e'.repeat(64) }),
      story.decision('ConversionPolicyActivated', { name: '1', sha256: SHA }),
    ]);
    await projectAll(projection.pool);
    expect(await records('SNAPSHOT')).toMatchObject([
      { from: 4, to: null, name: 'october' },
      { from: 5, to: null, name: 'november' },
    ]);
    expect(await records('BOUNDARY')).toMatchObject([
      { from: 1, to: null, name: 'iso-3166' },
      { from: 6, to: 8, name: 'cod-ab' },
      { from: 8, to: null, name: 'cod-ab' },
    ]);
    expect(await records('POLICY')).toMatchObject([
      { from: 2, to: 7, name: '1' },
      { from: 7, to: 9, name: '2' },
      { from: 9, to: null, name: '1' },
    ]);
    await followsFromTheLog(9);
  });

  it('close a pair of incidents that are not the same, under a key of the two', async () => {
    await projection.log.append([1, 2].map((incident) => story.report({ incident, reportId: `r${incident}` })));
    const [a, b] = [story.id(1), story.id(2)].toSorted() as [string, string];
    await projection.log.append([story.decision('DuplicateRejected', { a, b }, { on: [a, b] })]);
    await projectAll(projection.pool);
    const { rows } = await projection.pool.query(
      "SELECT key, body FROM read_model.record WHERE kind = 'DUPLICATE_REJECTED'",
    );
    expect(rows).toEqual([{ key: uuidV5(INCIDENT_NAMESPACE, canonicalize([a, b])), body: JSON.stringify({ a, b }) }]);
    await followsFromTheLog(6);
  });
});

describe('a conversion policy', () => {
  it('counts vague words anew from its position on and not before, and its effect is a posting', async () => {
    await projection.log.append([
      story.report({ incident: 1, reportId: 'vague', casualties: [dozens] }),
      story.report({
        incident: 2,
        reportId: 'exact',
        casualties: [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo: 5, hi: 5 } }],
      }),
      story.decision('ConversionPolicyActivated', { name: '2', sha256: SHA, policy: policy2 }),
      story.report({ incident: 3, reportId: 'later', casualties: [dozens] }),
    ]);
    await projectAll(projection.pool);
    expect(await killed(5)).toEqual({ '': { lo: 24 + 5, hi: 5, open: 1 } });
    expect(await killed(6)).toEqual({ '': { lo: 36 + 5, hi: 99 + 5, open: 0 } });
    expect(await killed(7)).toEqual({ '': { lo: 36 + 5 + 36, hi: 99 + 5 + 99, open: 0 } });
    const { rows } = await projection.pool.query(
      "SELECT incident_id, d_lo::int, d_hi::int, d_open FROM read_model.posting WHERE position = 6 AND measure = 'KILLED'",
    );
    // The total, and what of it has no status.
    expect(rows).toEqual(
      Array.from({ length: 2 }, () => ({ incident_id: story.id(1), d_lo: 12, d_hi: 99, d_open: -1 })),
    );
    await followsFromTheLog(7);
    const { rows: live } = await projection.pool.query(
      "SELECT policy FROM read_model.generation WHERE status = 'LIVE'",
    );
    expect(live).toEqual([{ policy: 2 }]);
  });

  it('reaches reports that were merged away or split out, and is taken up by a projector that starts later', async () => {
    const [one, two, three] = [story.id(1), story.id(2), story.id(3)];
    await projection.log.append([
      ...[1, 2, 3].map((incident) =>
        story.report({ incident, reportId: `r${incident}`, outlet: `O${incident}`, casualties: [dozens] }),
      ),
      story.decision('IncidentsMerged', { survivor: one, absorbed: [two] }, { on: [one, two] }),
      story.decision(
        'IncidentSplit',
        { incident: three, into: one, ref: null, reports: [{ source: story.ceSource, reportId: 'r3' }] },
        { on: [three, one] },
      ),
    ]);
    await projectAll(projection.pool);
    await projection.log.append([
      story.decision('ConversionPolicyActivated', { name: '2', sha256: SHA, policy: policy2 }),
    ]);
    await projectAll(projection.pool);
    await projection.log.append([story.report({ incident: 4, reportId: 'r4', casualties: [dozens] })]);
    await projectAll(projection.pool);
    expect(await killed(8)).toEqual({ '': { lo: 24, hi: 0, open: 1 } });
    expect(await killed(10)).toEqual({ '': { lo: 36 + 36, hi: 99 + 99, open: 0 } });
    await followsFromTheLog(10);
  });

  it('other than the one in force can be folded under, beside the live figures or instead of them', async () => {
    await projection.log.append([
      story.report({ incident: 1, reportId: 'vague', casualties: [dozens] }),
      story.decision('ConversionPolicyActivated', { name: '2', sha256: SHA, policy: policy2 }),
    ]);
    await projectAll(projection.pool);
    const outcome = await replay({ pool: auditor, upTo: 5, policyOverride: 1 });
    expect(outcome.differing).toEqual(['incident_version', 'posting', 'balance']);
    await expect(replay({ pool: auditor, upTo: 5, policyOverride: 9 })).rejects.toBeInstanceOf(UnknownPolicyError);

    await expect(rebuild({ pool: projection.pool, policyOverride: 9 })).rejects.toBeInstanceOf(UnknownPolicyError);
    expect(await rebuild({ pool: projection.pool, policyOverride: 2 })).toMatchObject({ comparedAt: null });
    expect(await killed(4)).toEqual({ '': { lo: 36, hi: 99, open: 0 } });
    // It stays so for what comes, and for a rebuild that asks for nothing else.
    await projection.log.append([
      story.decision('ConversionPolicyActivated', { name: '1', sha256: SHA }),
      story.report({ incident: 2, reportId: 'later', casualties: [dozens] }),
    ]);
    await projectAll(projection.pool);
    expect(await killed(7)).toEqual({ '': { lo: 72, hi: 198, open: 0 } });
    expect((await rebuild({ pool: projection.pool })).differing).toEqual([]);
    await rebuild({ pool: projection.pool, policyOverride: null });
    expect(await killed(7)).toEqual({ '': { lo: 48, hi: 0, open: 2 } });
  });

  it('that nobody knows stops the projection instead of counting by another', async () => {
    await projection.log.append([story.decision('ConversionPolicyActivated', { name: '7', sha256: SHA })]);
    await expect(projectAll(projection.pool)).rejects.toBeInstanceOf(UnfoldableEventError);
  });
});

describe('a boundary set', () => {
  const placement = (admin1: string): Placement => ({
    country: 'IQ',
    admin1,
    admin2: null,
    admin3: null,
    precision: 'ADM1',
  });

  it('that is activated later places what was recorded before, and the total of the country is that of the other set', async () => {
    await projection.log.append([
      story.report({
        incident: 1,
        reportId: 'makhmur',
        placements: { 'iso-3166': placement('IQ-AR') },
        casualties: [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo: 3, hi: 3 } }],
      }),
      story.report({
        incident: 2,
        reportId: 'moved',
        placements: { 'iso-3166': placement('IQ-BG') },
        casualties: [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo: 4, hi: 4 } }],
      }),
      story.decision(
        'IncidentRelocated',
        {
          incident: story.id(2),
          place: { name: 'Makhmur', country: 'IQ' },
          placements: { 'iso-3166': placement('IQ-AR') },
        },
        { on: [story.id(2)] },
      ),
      story.decision('BoundarySetActivated', { name: 'x-alternative', sha256: SHA }),
      story.decision('IncidentsPlaced', {
        boundary: 'x-alternative',
        placed: [
          { placement: placement('IQ-NI'), positions: [4, 6] },
          { placement: placement('IQ-BG'), positions: [5] },
        ],
      }),
    ]);
    await projectAll(projection.pool);
    expect(await killed(8)).toEqual({ 'IQ-AR': { lo: 7, hi: 7, open: 0 }, 'IQ-BG': { lo: 0, hi: 0, open: 0 } });
    expect(await killed(7, 'x-alternative')).toEqual({});
    expect(await killed(8, 'x-alternative')).toEqual({ 'IQ-NI': { lo: 7, hi: 7, open: 0 } });

    // A place that is no longer decided: the claims have been placed as well.
    await projection.log.append([
      story.decision(
        'IncidentRelocated',
        { incident: story.id(2), place: null, placements: null },
        { on: [story.id(2)] },
      ),
      // A report that was replaced since counts nowhere: its place is kept for what had been published by an earlier moment.
      story.report({ incident: 1, reportId: 'makhmur', revision: 2, placements: { 'iso-3166': placement('IQ-AR') } }),
      story.decision('IncidentsPlaced', {
        boundary: 'x-alternative',
        placed: [{ placement: placement('IQ-SD'), positions: [4] }],
      }),
    ]);
    await projectAll(projection.pool);
    expect(await killed(11, 'x-alternative')).toMatchObject({ 'IQ-BG': { lo: 4 }, 'IQ-NI': { lo: 0 } });
    const { rows } = await projection.pool.query(
      `SELECT from_position::int AS "from", to_position::int AS "to" FROM read_model.report
        WHERE incident_id = $1 ORDER BY from_position`,
      [story.id(1)],
    );
    expect(rows).toEqual([
      { from: 4, to: 8 },
      { from: 8, to: 10 },
      { from: 10, to: null },
      { from: 11, to: 11 },
    ]);
    await followsFromTheLog(11);
  });
});

describe('what was withdrawn', () => {
  it('is not opened again by a publication that is no newer and comes late, but by a newer one', async () => {
    const unami = new OfficialStory(projection.log, UNAMI_SOURCE);
    const publish = (value: number, publishedAt: string | null) =>
      unami.aggregate(unamiFigure('2018-10', 'KILLED', value, { publishedAt: publishedAt as string }));
    const standing = async (): Promise<unknown[]> => {
      await projectAll(projection.pool);
      const { rows } = await projection.pool.query<{ body: string }>(
        "SELECT body FROM read_model.record WHERE kind = 'AGGREGATE' AND to_position IS NULL",
      );
      return rows.map(({ body }) => (JSON.parse(body) as { value: { lo: number } }).value.lo);
    };
    await projection.log.append([publish(69, '2018-11-05T00:00:00Z'), unami.aggregateWithdrawal(UNAMI_SERIES)]);
    expect(await standing()).toEqual([]);
    await projection.log.append([publish(60, '2018-11-01T00:00:00Z'), publish(69, '2018-11-05T00:00:00Z')]);
    expect(await standing()).toEqual([]);
    const newer = await projection.log.append([publish(70, '2018-12-01T00:00:00Z')]);
    expect(await standing()).toEqual([70]);
    await projection.log.append([publish(69, '2018-11-05T00:00:00Z')]);
    expect(await standing()).toEqual([70]);
    await followsFromTheLog(newer);
  });

  it('goes for assertions and stocks in the same way', async () => {
    const desk = new OfficialStory(projection.log, 'https://desk.example');
    const trend = (publishedAt: string) =>
      desk.trend({
        trendId: 't',
        metric: 'INCIDENTS',
        direction: 'DECREASE',
        areas: [{ code: 'IQ' }],
        period: { start: '2018-10-01', end: '2018-10-31' },
        publisher: { name: 'Desk', kind: 'NGO' },
        publishedAt,
        magnitude: null,
      } as never);
    await projection.log.append([
      trend('2018-11-05T00:00:00Z'),
      desk.trendWithdrawal('t'),
      trend('2018-11-05T00:00:00Z'),
    ]);
    await projectAll(projection.pool);
    const { rows } = await projection.pool.query(
      "SELECT FROM read_model.record WHERE kind = 'TREND' AND to_position IS NULL",
    );
    expect(rows).toEqual([]);
  });

  it('an incident without reports is retracted and reinstated in its grade too', async () => {
    const grade = async (): Promise<unknown[]> => {
      await projectAll(projection.pool);
      const { rows } = await projection.pool.query<{ status: string; verification: string }>(
        'SELECT status, verification FROM read_model.incident_version WHERE to_position IS NULL',
      );
      return rows.map(({ status, verification }) => [status, verification]);
    };
    const on = [story.id(1)];
    const named = { incident: story.id(1) };
    await projection.log.append([
      story.report({ incident: 1, reportId: 'r' }),
      story.decision('IncidentRetracted', named, { on }),
      story.withdrawal(1, 'r'),
    ]);
    expect(await grade()).toEqual([['WITHDRAWN', 'RETRACTED']]);
    await projection.log.append([story.decision('IncidentReinstated', named, { on })]);
    expect(await grade()).toEqual([['WITHDRAWN', 'REPORTED']]);
    await projection.log.append([story.decision('IncidentRetracted', named, { on })]);
    expect(await grade()).toEqual([['WITHDRAWN', 'RETRACTED']]);
    const grading = story.decision('IncidentVerified', { ...named, grade: 'CONFIRMED', grounds: null } as never, {
      on,
    });
    await projection.log.append([grading, story.decision('IncidentReinstated', named, { on })]);
    expect(await grade()).toEqual([['WITHDRAWN', 'CONFIRMED']]);
    await followsFromTheLog(6);
  });
});
