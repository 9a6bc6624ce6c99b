import { createHash } from 'node:crypto';
import type { DecisionV1 } from '#app/contract';
import { conversionPolicy1 } from '#app/domain';
import { canonicalize, type ConversionPolicyActivatedData } from '#app/log';
import { DecisionRefused } from './carried-out.js';
import { decideOnLog, type LogState, type OnLog } from './decide-on-log.js';

const LOG = '0190163d-8694-739b-aea5-966c26f8ad91';
const sha = (data: unknown): string => createHash('sha256').update(canonicalize(data)).digest('hex');
const policy2 = { ...conversionPolicy1, version: 2, otherwise: [2, null] as const };
const one: ConversionPolicyActivatedData = { name: '1', sha256: sha(conversionPolicy1) };
const two: ConversionPolicyActivatedData = { name: '2', sha256: sha(policy2), policy: policy2 };
const NOTHING: LogState = { snapshots: [], policies: [one], boundarySet: { found: null, active: null } };

function when(data: Partial<DecisionV1>, state: Partial<LogState> = {}): unknown {
  const decision = { reason: 'r', by: 's', ...data } as DecisionV1;
  try {
    return decideOnLog(decision.kind as OnLog, decision, { ...NOTHING, ...state }, LOG);
  } catch (error) {
    if (!(error instanceof DecisionRefused)) throw error;
    return [error.code, error.pointer];
  }
}

it('SEAL_SNAPSHOT gives a name once', () => {
  const seal = { kind: 'SEAL_SNAPSHOT', name: 'october' } as const;
  expect(when(seal)).toEqual({ type: 'SnapshotSealed', data: { name: 'october', projection: 2 }, streams: [LOG] });
  expect(when(seal, { snapshots: ['september', 'october'] })).toEqual(['SNAPSHOT_NAME_TAKEN', '/name']);
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
  expect(when(activate, { boundarySet: { found, active: null } })).toEqual(event);
  expect(when(activate, { boundarySet: { found, active: { ...found, sha256: 'a'.repeat(64) } } })).toEqual(event);
  expect(when(activate, { boundarySet: { found, active: found } })).toEqual(['DECISION_NOT_APPLICABLE', '/name']);
  expect(when(activate)).toEqual(['BOUNDARY_SET_UNKNOWN', '/name']);
});
