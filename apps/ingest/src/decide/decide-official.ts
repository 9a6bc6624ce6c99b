import { type EventDraft, type LogSecrets, splitAggregate, splitReason, splitSite, splitTrend } from '#app/log';
import { type OfficialReading, refuse } from '../read-message/read-message.js';
import type { KeyedOfficial } from '../record-batch/keyed.js';
import type { Plan } from '../record-batch/plan.js';
import { draftRejection } from '../reject/draft-rejection.js';
import type { Known } from './decide-incident-message.js';
import { envelopeOf } from './draft-incident-event.js';

/**
 * An aggregate, trend, site or the withdrawal of one becomes its event, a counted duplicate, or a rejection. Which
 * publication of a figure holds is no question of recording: `publishedAt` decides, whatever the order of arrival. So a
 * withdrawal that comes before what it withdraws is recorded too.
 */
export function decideOfficial({ reading, delivery, stream }: KeyedOfficial, known: Known, plan: Plan): void {
  const { message } = reading;
  const verdict = known.deliveries.verdict(delivery);
  if (verdict === 'DUPLICATE') {
    plan.duplicates.push({ at: message.at, identity: delivery.identity });
    return;
  }
  if (verdict === 'CONFLICT') {
    const code = 'IDENTITY_CONFLICT' as const;
    const problems = [{ pointer: '', code, detail: 'give a message with other content an id of its own' }];
    plan.events.push(draftRejection(refuse(reading, { stage: 'DECIDE', code, problems })));
    return;
  }
  const draft = {
    ...envelopeOf(reading),
    ...eventOf(reading, known.secrets),
    stream,
    streamVersion: known.streams.take(stream),
    actor: `publisher:${reading.event.source}`,
    delivery,
  };
  plan.events.push({ draft, message, subjects: new Map(), refused: null });
  known.deliveries.register(delivery);
}

type Recorded = Pick<EventDraft, 'type' | 'data' | 'committed'>;

const WITHDRAWN = {
  'aggregate-withdrawal': 'AggregateWithdrawn',
  'trend-withdrawal': 'TrendWithdrawn',
  'site-withdrawal': 'SiteWithdrawn',
} as const;

function eventOf(reading: OfficialReading, { pseudonymKey }: LogSecrets): Recorded {
  if (reading.kind === 'aggregate') {
    const { public: aggregate, committed } = splitAggregate(reading.data, pseudonymKey);
    return { type: 'AggregatePublished', data: { aggregate }, committed };
  }
  if (reading.kind === 'trend') {
    const { public: trend, committed } = splitTrend(reading.data, pseudonymKey);
    return { type: 'TrendAsserted', data: { trend }, committed };
  }
  if (reading.kind === 'site') {
    const { public: site, committed } = splitSite(reading.data, pseudonymKey);
    return { type: 'SiteRecorded', data: { site }, committed };
  }
  const { public: data, committed } = splitReason(reading.data);
  return { type: WITHDRAWN[reading.kind], data: data as EventDraft['data'], committed };
}
