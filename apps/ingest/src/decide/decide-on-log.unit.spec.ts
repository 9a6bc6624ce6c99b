import { createHash } from 'node:crypto';
import type { DecisionV1 } from '#app/contract';
import { conversionPolicy1, PROJECTION_VERSION } from '#app/domain';
import { canonicalize, type ConversionPolicyActivatedData, type SealedSnapshot } from '#app/log';
import { DecisionRefused } from './carried-out.js';
import { decideOnLog, type LogState, type OnLog } from './decide-on-log.js';

const LOG = '0190163d-8694-739b-aea5-966c26f8ad91';
const sha = (data: unknown): string => createHash('sha256').update(canonicalize(data)).digest('hex');
const policy2 = { ...conversionPolicy1, version: 2, otherwise: [2, null] as const };
const one: ConversionPolicyActivatedData = { name: '1', sha256: sha(conversionPolicy1) };
const two: ConversionPolicyActivatedData = { name: '2', sha256: sha(policy2), policy: policy2 };
const NOTHING: LogState = {
  snapshots: new Map(),
  policies: [one],
  boundarySet: { found: null, active: null, isPlacing: false },
};

function when(data: Partial<DecisionV1>, state: Partial<LogState> = {}): unknown {
  const decision = { reason: 'r', by: 's', ...data } as DecisionV1;
  try {
    return decideOnLog(decision.kind as OnLog, decision, { ...NOTHING, ...state }, LOG);
  } catch (error) {
    if (!(error instanceof DecisionRefused)) throw error;
    return [error.code, error.pointer];
  }
}

describe('SEAL_SNAPSHOT', () => {
  const seal = { kind: 'SEAL_SNAPSHOT', name: 'october' } as const;
  const tables = { posting: 'a'.repeat(64) };
  const digests = { position: 7, projection: 3, algorithm: 'rows-sha256-v1', tables };
  const sealed: SealedSnapshot = {
    name: 'october',
    position: 7,
    sealedAt: '2018-11-01T00:00:00.000Z',
    eventId: LOG,
    actor: 'steward:s',
    projection: 2,
    digests: null,
  };
  const after = (snapshot: SealedSnapshot): Partial<LogState> => ({ snapshots: new Map([['october', snapshot]]) });

  it('gives a name once', () => {
    const data = { name: 'october', projection: PROJECTION_VERSION };
    expect(when(seal)).toEqual({ type: 'SnapshotSealed', data, streams: [LOG] });
    expect(when(seal, after(sealed))).toEqual(['SNAPSHOT_NAME_TAKEN', '/name']);
  });

  it('records the digests of a sealed position, under the projection that made the figures', () => {
    expect(when({ ...seal, digests }, after(sealed))).toEqual({
      type: 'SnapshotSealed',
      data: { name: 'october', projection: 3, position: 7, digests: { algorithm: 'rows-sha256-v1', tables } },
      streams: [LOG],
    });
  });

  it('refuses digests of no snapshot, of another position, and a second time', () => {
    expect(when({ ...seal, digests })).toEqual(['DECISION_TARGET_UNKNOWN', '/name']);
    expect(when({ ...seal, digests: { ...digests, position: 8 } }, after(sealed))).toEqual([
      'DECISION_NOT_APPLICABLE',
      '/digests/position',
    ]);
    const recorded = { ...sealed, digests: { ...digests, position: 9, eventId: LOG } };
    expect(when({ ...seal, digests }, after(recorded))).toEqual(['DECISION_NOT_APPLICABLE', '/digests']);
  });
});

describe('ACTIVATE_POLICY', () => {
  const activate = (policy: DecisionV1['policy'], policies = [one]): unknown =>
    when({ kind: 'ACTIVATE_POLICY', policy: policy ?? null }, { policies });

  it('records a new policy whole, so that a replay needs nothing else', () => {
    expect(activate(policy2)).toEqual({ type: 'ConversionPolicyActivated', data: two, streams: [LOG] });
  });

  it('takes back by name what was in force before: one that is built in, or one that an event holds', () => {
    expect(activate({ name: '1' }, [one, two])).toMatchObject({ data: one });
    expect(activate({ name: '2' }, [one, two, one])).toMatchObject({ data: two });
    expect(activate(conversionPolicy1, [one, two])).toMatchObject({ data: one });
  });

  it('refuses the policy in force, an unknown name, and a number that means something else', () => {
    expect(activate({ name: '1' })).toEqual(['DECISION_NOT_APPLICABLE', '/policy']);
    expect(activate(policy2, [one, two])).toEqual(['DECISION_NOT_APPLICABLE', '/policy']);
    expect(activate({ name: '7' })).toEqual(['POLICY_UNKNOWN', '/policy/name']);
    expect(activate({ ...conversionPolicy1, otherwise: [5, null] })).toEqual([
      'POLICY_VERSION_TAKEN',
      '/policy/version',
    ]);
    expect(activate({ ...policy2, otherwise: [5, null] }, [one, two])).toEqual([
      'POLICY_VERSION_TAKEN',
      '/policy/version',
    ]);
  });
});

it('ACTIVATE_BOUNDARY_SET activates what was imported, and again when its content changed', () => {
  const found = { name: 'cod-ab', sha256: 'b'.repeat(64) };
  const activate = { kind: 'ACTIVATE_BOUNDARY_SET', name: 'cod-ab' } as const;
  const event = { type: 'BoundarySetActivated', data: found, streams: [LOG] };
  expect(when(activate, { boundarySet: { found, active: null, isPlacing: false } })).toEqual(event);
  const active = { ...found, sha256: 'a'.repeat(64) };
  expect(when(activate, { boundarySet: { found, active, isPlacing: false } })).toEqual(event);
  expect(when(activate, { boundarySet: { found, active: found, isPlacing: false } })).toEqual([
    'DECISION_NOT_APPLICABLE',
    '/name',
  ]);
  expect(when(activate)).toEqual(['BOUNDARY_SET_UNKNOWN', '/name']);
  expect(when(activate, { boundarySet: { found, active, isPlacing: true } })).toEqual([
    'BOUNDARY_SET_PLACING',
    '/name',
  ]);
});
