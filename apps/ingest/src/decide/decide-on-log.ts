import { createHash } from 'node:crypto';
import type { DecisionV1 } from '#app/contract';
import { builtInPolicy, type ConversionPolicy, PROJECTION_VERSION } from '#app/domain';
import {
  canonicalize,
  type ConversionPolicyActivatedData,
  parseLeaf,
  type SealedSnapshots,
  type SnapshotSealedData,
} from '#app/log';
import type { ClientBase } from 'pg';
import { DecisionRefused } from './carried-out.js';
import { type Decided, decided, notApplicable } from './decided.js';

/** Kinds whose events stand in the stream of the log itself. */
export type OnLog = 'SEAL_SNAPSHOT' | 'ACTIVATE_POLICY' | 'ACTIVATE_BOUNDARY_SET';

/** A boundary set, as an event names it. */
export interface NamedSet {
  name: string;
  sha256: string;
}

/** What the log has of these things by now. */
export interface LogState {
  snapshots: Pick<SealedSnapshots, 'get'>;
  /** In the order of their activation; the last one is in force. */
  policies: readonly ConversionPolicyActivatedData[];
  /** As imported last, and as active by now; whether the active one is still placing what was recorded before it. */
  boundarySet: { found: NamedSet | null; active: NamedSet | null; isPlacing: boolean };
}

/** Every activation, in the order of the log; there are few. */
export async function activatedPolicies(tx: ClientBase, logId: number): Promise<ConversionPolicyActivatedData[]> {
  const { rows } = await tx.query<{ leaf: string }>(
    "SELECT leaf FROM ledger.event WHERE log_id = $1 AND type = 'ConversionPolicyActivated' ORDER BY position",
    [logId],
  );
  return rows.map(({ leaf }) => parseLeaf(leaf).data as ConversionPolicyActivatedData);
}

/** @throws DecisionRefused */
export function decideOnLog(kind: OnLog, data: DecisionV1, state: LogState, log: string): Decided {
  if (kind === 'SEAL_SNAPSHOT') return decided('SnapshotSealed', sealed(data, state.snapshots), log);
  if (kind === 'ACTIVATE_BOUNDARY_SET') return decided('BoundarySetActivated', activatedSet(state.boundarySet), log);
  return decided('ConversionPolicyActivated', activatedPolicy(data.policy ?? { name: '' }, state.policies), log);
}

function sealed(
  { name, digests }: Pick<DecisionV1, 'name' | 'digests'>,
  snapshots: LogState['snapshots'],
): SnapshotSealedData {
  const known = snapshots.get(name ?? '');
  if (digests) return digested(known, digests);
  if (known !== undefined) {
    throw new DecisionRefused('SNAPSHOT_NAME_TAKEN', '/name', 'a snapshot of this name is sealed already');
  }
  return { name: name ?? '', projection: PROJECTION_VERSION };
}

/** What the figures were at a snapshot: said once, and of the position that the name stands for. */
function digested(
  known: ReturnType<LogState['snapshots']['get']>,
  { position, projection, algorithm, tables }: NonNullable<DecisionV1['digests']>,
): SnapshotSealedData {
  if (known === undefined) throw new DecisionRefused('DECISION_TARGET_UNKNOWN', '/name', 'no such snapshot');
  if (known.digests !== null) notApplicable('/digests', 'the digests of this snapshot are recorded already');
  if (position !== known.position) {
    notApplicable('/digests/position', `the snapshot stands for position ${known.position}`);
  }
  return { name: known.name, projection, position, digests: { algorithm, tables } };
}

function activatedSet({ found, active, isPlacing }: LogState['boundarySet']): NamedSet {
  if (found === null) {
    throw new DecisionRefused('BOUNDARY_SET_UNKNOWN', '/name', 'import it first (ledger gazetteer import)');
  }
  if (active?.sha256 === found.sha256) notApplicable('/name', 'this boundary set is active already');
  if (isPlacing) {
    throw new DecisionRefused('BOUNDARY_SET_PLACING', '/name', 'the version before is still placing; requeue it later');
  }
  return { name: found.name, sha256: found.sha256 };
}

type GivenPolicy = NonNullable<DecisionV1['policy']>;

/** A policy is known by its version: one number never means two things, so a figure can say by which it was made. */
function activatedPolicy(
  given: GivenPolicy,
  activated: readonly ConversionPolicyActivatedData[],
): ConversionPolicyActivatedData {
  const chosen = 'version' in given ? newPolicy(given, activated) : knownPolicy(given.name, activated);
  if (activated.at(-1)?.sha256 === chosen.sha256) notApplicable('/policy', 'this policy is in force already');
  return chosen;
}

function newPolicy(
  policy: ConversionPolicy,
  activated: readonly ConversionPolicyActivatedData[],
): ConversionPolicyActivatedData {
  const name = String(policy.version);
  const sha256 = sha256Of(policy);
  const builtIn = builtInPolicy(name);
  const known = activated.filter((one) => one.name === name).map((one) => one.sha256);
  if (builtIn !== null) known.push(sha256Of(builtIn));
  if (known.some((one) => one !== sha256)) {
    throw new DecisionRefused('POLICY_VERSION_TAKEN', '/policy/version', 'give a changed policy a version of its own');
  }
  return builtIn === null ? { name, sha256, policy } : { name, sha256 };
}

function knownPolicy(name: string, activated: readonly ConversionPolicyActivatedData[]): ConversionPolicyActivatedData {
  const builtIn = builtInPolicy(name);
  if (builtIn !== null) return { name, sha256: sha256Of(builtIn) };
  const before = activated.findLast((one) => one.name === name);
  if (before === undefined) throw new DecisionRefused('POLICY_UNKNOWN', '/policy/name', 'give the whole policy');
  return before;
}

/** SHA-256(JCS(policy)), hex. */
function sha256Of(policy: ConversionPolicy): string {
  return createHash('sha256').update(canonicalize(policy)).digest('hex');
}
