import { decideReport } from '#app/domain';
import type { LogSecrets } from '#app/log';
import { refuse } from '../read-message/read-message.js';
import type { RejectionCode } from '#app/contract';
import type { Deliveries } from '../record-batch/deliveries.js';
import type { KeyedIncidentMessage } from '../record-batch/keyed.js';
import type { PlaceInSets } from '../place/active-boundary-sets.js';
import type { Plan } from '../record-batch/plan.js';
import type { Streams } from '../record-batch/streams.js';
import { draftRejection } from '../reject/draft-rejection.js';
import { draftIncidentEvent } from './draft-incident-event.js';

/** What is recorded already, as far as this batch needs it, and what its earlier messages add. */
export interface Known {
  deliveries: Deliveries;
  streams: Streams;
  incidents: Set<string>;
  /** Report → the stream of the incident under which it was first recorded. */
  homes: Map<string, string>;
  secrets: LogSecrets;
  placeInSets: PlaceInSets;
}

/** A report or withdrawal becomes an event, a counted duplicate, or a rejection. */
export function decideIncidentMessage(one: KeyedIncidentMessage, known: Known, plan: Plan): void {
  const { delivery, intent, reading, touch } = one;
  const verdict = known.deliveries.verdict(delivery);
  if (verdict === 'DUPLICATE') {
    plan.duplicates.push({ at: reading.message.at, identity: delivery.identity });
    return;
  }
  const reject = (code: RejectionCode, pointer: string, detail: string): void => {
    const problems = [{ pointer, code, detail }];
    plan.events.push(draftRejection(refuse(reading, { stage: 'DECIDE', code, problems })));
  };
  if (verdict === 'CONFLICT') {
    reject('IDENTITY_CONFLICT', '', 'give a message with other content an id of its own');
    return;
  }
  if (one.byId && !known.incidents.has(touch.stream)) {
    reject('INCIDENT_UNKNOWN', '/incident/id', 'name a recorded incident, or give your own ref');
    return;
  }
  const home = known.homes.get(one.report);
  if (home !== undefined && home !== touch.stream) {
    reject(
      'INCIDENT_CHANGED',
      '/incident',
      'a report stays with its incident; withdraw it and send a new reportId under the other one',
    );
    return;
  }
  const decision = decideReport(intent, known.streams.known(touch));
  if (decision.kind === 'REJECT') {
    reject(decision.code, '/revision', 'a changed report needs a higher revision');
    return;
  }
  const { disposition } = decision;
  const place = { streamVersion: known.streams.take(touch.stream), newReport: home === undefined ? one.report : null };
  plan.events.push(draftIncidentEvent(one, { disposition, ...place }, known));
  known.homes.set(one.report, touch.stream);
  known.deliveries.register(delivery);
  known.incidents.add(touch.stream);
  known.streams.recorded(
    touch,
    intent.type === 'REPORT' ? { kind: 'REPORT', revision: intent.revision } : { kind: 'WITHDRAWN', revision: 0 },
  );
}
