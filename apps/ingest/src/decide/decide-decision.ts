import { parseLeaf, readSealedSnapshots, SealedSnapshots } from '#app/log';
import type { ClientBase } from 'pg';
import type { AttemptContext } from '../ingest-context.js';
import { refuse } from '../read-message/read-message.js';
import type { Keyed, KeyedDecision } from '../record-batch/keyed.js';
import type { Plan } from '../record-batch/plan.js';
import { draftRejection } from '../reject/draft-rejection.js';
import { activeBoundarySets, findBoundarySet } from '../place/active-boundary-sets.js';
import { isPlacing } from '../place/placing-cursor.js';
import { type CarriedOut, DecisionRefused } from './carried-out.js';
import type { Known } from './decide-incident-message.js';
import { decideOnIncidents, isOnIncidents, namedIncidents, type OnIncidents } from './decide-on-incidents.js';
import { activatedPolicies, decideOnLog, type OnLog } from './decide-on-log.js';
import { draftDecision } from './decided.js';
import { erase } from './erase.js';
import { versionsOf } from './erasure-targets.js';
import type { RecordedMerge } from './incidents-asked.js';
import { KnownIncidents } from './known-incidents.js';
import { discard, requeue } from './resolve-rejection.js';

export interface DecisionParts {
  context: AttemptContext;
  known: Known;
  plan: Plan;
  decideMessages: (
    tx: ClientBase,
    messages: readonly Keyed[],
    parts: { context: AttemptContext; plan: Plan },
  ) => Promise<void>;
}

/** A steward's decision becomes its event, a counted duplicate, or a rejection that says why. */
export async function decideDecision(tx: ClientBase, one: KeyedDecision, parts: DecisionParts): Promise<void> {
  const { known, plan, context } = parts;
  const { delivery, reading } = one;
  const verdict = known.deliveries.verdict(delivery);
  if (verdict === 'DUPLICATE') {
    plan.duplicates.push({ at: reading.message.at, identity: delivery.identity });
    return;
  }
  try {
    if (verdict === 'CONFLICT') {
      throw new DecisionRefused('IDENTITY_CONFLICT', '', 'give another decision an id of its own');
    }
    const { events, resolution, again } = await carryOut(tx, one, context);
    plan.events.push(...events);
    if (resolution !== null) plan.resolutions.push(resolution);
    known.deliveries.register(delivery);
    if (again !== null) await parts.decideMessages(tx, [again], { context, plan });
  } catch (error) {
    if (!(error instanceof DecisionRefused)) throw error;
    const { code, pointer, detail } = error;
    plan.events.push(draftRejection(refuse(reading, { stage: 'DECIDE', code, problems: [{ pointer, code, detail }] })));
  }
}

function carryOut(tx: ClientBase, one: KeyedDecision, context: AttemptContext): Promise<CarriedOut> {
  const { kind } = one.reading.data;
  if (isOnIncidents(kind)) return onIncidents(tx, one, kind, context);
  if (kind === 'REQUEUE') return requeue(tx, one, context);
  if (kind === 'DISCARD') return discard(tx, one, context);
  if (kind === 'ERASE') return erase(tx, one, context);
  return onLog(tx, one, kind, context);
}

async function onIncidents(
  tx: ClientBase,
  one: KeyedDecision,
  kind: OnIncidents,
  { logId, placeInSets: place }: AttemptContext,
): Promise<CarriedOut> {
  const { data } = one.reading;
  const merge = kind === 'UNMERGE' ? await findMerge(tx, logId, data.event ?? '') : null;
  const ids = namedIncidents(data, merge).map(({ id }) => id);
  const known = await KnownIncidents.load(tx, logId, ids);
  const decision = decideOnIncidents(kind, data, known, { merge, place });
  return draftDecision(one, decision, (stream) => known.version(stream));
}

/** The merge that an event recorded; null when there is no such event, or it is another one. */
async function findMerge(tx: ClientBase, logId: number, eventId: string): Promise<RecordedMerge | null> {
  const { rows } = await tx.query<{ leaf: string }>(
    "SELECT leaf FROM ledger.event WHERE event_id = $1 AND log_id = $2 AND type = 'IncidentsMerged'",
    [eventId, logId],
  );
  const event = rows[0] && parseLeaf(rows[0].leaf);
  return event?.type === 'IncidentsMerged' ? event.data : null;
}

async function onLog(
  tx: ClientBase,
  one: KeyedDecision,
  kind: OnLog,
  { logId, log }: AttemptContext,
): Promise<CarriedOut> {
  const { name } = one.reading.data;
  const sets = kind === 'ACTIVATE_BOUNDARY_SET';
  const state = {
    snapshots: kind === 'SEAL_SNAPSHOT' ? await readSealedSnapshots(tx, logId) : new SealedSnapshots(),
    policies: kind === 'ACTIVATE_POLICY' ? await activatedPolicies(tx, logId) : [],
    boundarySet: {
      // Takes the lock that lets nothing be recorded between the look and the activation.
      found: sets ? await findBoundarySet(tx, name ?? '') : null,
      active: sets ? ((await activeBoundarySets(tx, logId)).find((set) => set.name === name) ?? null) : null,
      isPlacing: sets && (await isPlacing(tx, { logId, log }, name ?? '')),
    },
  };
  const decision = decideOnLog(kind, one.reading.data, state, log);
  const versions = await versionsOf(tx, logId, [log]);
  return draftDecision(one, decision, (stream) => versions.get(stream) ?? 0);
}
