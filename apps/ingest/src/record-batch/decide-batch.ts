import { findReportHomes } from '#app/log';
import type { ClientBase } from 'pg';
import { decideDecision } from '../decide/decide-decision.js';
import { decideIncidentMessage, type Known } from '../decide/decide-incident-message.js';
import { decideOfficial } from '../decide/decide-official.js';
import { loadIncidents } from '../decide/incident-streams.js';
import type { AttemptContext } from '../ingest-context.js';
import { draftRejection } from '../reject/draft-rejection.js';
import { Deliveries } from './deliveries.js';
import { isIncidentMessage, isOfficial, isReadable, type Keyed } from './keyed.js';
import type { Plan } from './plan.js';
import { Streams } from './streams.js';

/** Loads what these messages depend on: four queries, however many there are. */
async function loadKnown(tx: ClientBase, messages: readonly Keyed[], context: AttemptContext): Promise<Known> {
  const { logId, secrets, placeInSets } = context;
  const incidentMessages = messages.filter(isIncidentMessage);
  const deliveries = messages.filter(isReadable).map(({ delivery }) => delivery);
  const byId = incidentMessages.filter((one) => one.byId).map(({ touch }) => touch.stream);
  const recorded = {
    streams: await Streams.load(tx, logId, [
      ...incidentMessages.map(({ touch }) => touch),
      ...messages.filter(isOfficial).map(({ stream }) => ({ stream, source: '', reportId: '' })),
    ]),
    homes: await findReportHomes(
      tx,
      incidentMessages.map(({ report }) => report),
    ),
    incidents: await loadIncidents(tx, logId, byId),
  };
  // Last: another partition may record a copy between two of these queries. Seen in its stream but not among the deliveries,
  // it would look like the same revision under another id, and be refused instead of counted.
  return { ...recorded, deliveries: await Deliveries.load(tx, deliveries), secrets, placeInSets };
}

/**
 * Decides messages in their order; each becomes one event, or a counted duplicate.
 *
 * A decision may read and erase in `tx`; it comes alone in its batch, so that it sees all that is recorded.
 */
export async function decideMessages(
  tx: ClientBase,
  messages: readonly Keyed[],
  { context, plan }: { context: AttemptContext; plan: Plan },
): Promise<void> {
  const known = await loadKnown(tx, messages, context);
  for (const one of messages) {
    if (isIncidentMessage(one)) decideIncidentMessage(one, known, plan);
    else if (isOfficial(one)) decideOfficial(one, known, plan);
    else if (isReadable(one)) await decideDecision(tx, one, { context, known, plan, decideMessages });
    else plan.events.push(draftRejection(one.reading));
  }
}
