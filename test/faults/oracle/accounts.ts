import { createHash } from 'node:crypto';
import type { Place, SentMessage } from '../load.js';
import type { Draft } from '../messages.js';
import type { Leaf, Outcome, Recorded } from './recorded.js';
import type { Received } from './topic-tail.js';

/** What the projector sends by itself, the digests of a sealed snapshot, and what audit-api sends for a steward. */
const OF_THE_SYSTEM = ['urn:conflict-ledger:projector', 'urn:conflict-ledger:audit-api'];

/**
 * The books of what was sent. Every message that lies in Kafka must have exactly one outcome, whoever sent it and however
 * often; every message that is right must have exactly one event, every wrong one as many rejections as there are copies.
 */
export class Accounts {
  readonly sent: SentMessage[] = [];
  readonly #byContent = new Map<string, SentMessage>();
  readonly #byIdentity = new Map<string, SentMessage>();
  /** Copies that were read from Kafka, and those that this oracle has not compared yet. */
  readonly #copies = new Map<SentMessage, number>();
  #unsettled: Received[] = [];
  /** By place: outcomes that were accounted for before a topic was made anew, whose offsets begin again. */
  readonly #past = new Map<string, number>();
  /** Where messages lie in Kafka, by name. */
  readonly #places = new Map<string, Place>();

  enter(draft: Draft): SentMessage {
    const entry: SentMessage = { ...draft, acknowledged: [] };
    this.sent.push(entry);
    const { key, value } = draft.message;
    this.#byContent.set(contentOf(String(key), value), entry);
    const identity = 'event' in draft.expected ? identityOf(value) : null;
    if (identity !== null) this.#byIdentity.set(identity, entry);
    return entry;
  }

  take(messages: readonly Received[]): void {
    this.#unsettled.push(...messages);
    for (const message of messages) this.#places.set(placeOf(message), placeIn(message));
  }

  /**
   * The offsets of the topic mean other messages from here on, by partition from `from` on; default: all of them. What the
   * old ones were must be accounted for.
   */
  forget(topic: string, { outcomes }: Recorded, from: readonly number[] = []): void {
    const isForgotten = (at: Place): boolean => at.topic === topic && at.offset >= (from[at.partition] ?? 0);
    const forgotten = outcomes.filter(isForgotten).map(placeOf);
    for (const place of forgotten) this.#past.delete(place);
    for (const place of forgotten) this.#past.set(place, (this.#past.get(place) ?? 0) + 1);
    for (const [name, place] of this.#places) if (isForgotten(place)) this.#places.delete(name);
    for (const entry of this.sent) entry.acknowledged = entry.acknowledged.filter((at) => !isForgotten(at));
  }

  check(recorded: Recorded): string[] {
    const lost = lostPlaces(recorded.leaves);
    return [...this.checkPlaces(recorded, lost), ...this.checkAcknowledged(lost), ...this.checkEvents(recorded)];
  }

  /** Every place in Kafka has one outcome, of the kind that its message calls for. */
  private checkPlaces({ outcomes }: Recorded, lost: (place: Place) => boolean): string[] {
    const problems: string[] = [];
    const byPlace = new Map<string, Outcome[]>();
    for (const outcome of outcomes) byPlace.set(placeOf(outcome), [...(byPlace.get(placeOf(outcome)) ?? []), outcome]);
    for (const message of this.#unsettled.splice(0)) {
      const place = placeOf(message);
      const past = this.#past.get(place) ?? 0;
      const count = (byPlace.get(place)?.length ?? 0) - past;
      const entry = this.entryOf(message);
      if (entry !== undefined) this.#copies.set(entry, (this.#copies.get(entry) ?? 0) + 1);
      const isOurs = isOfTheSystem(identityOf(message.value) ?? '');
      if (entry === undefined && !isOurs) problems.push(`${place} holds a message that nobody sent`);
      if (count === 0 && lost(message)) continue;
      if (count !== 1) problems.push(`${place} has ${count} outcomes: ${describe(entry)}`);
      else problems.push(...verdictOn(entry, byPlace.get(place)?.at(-1)));
    }
    for (const [place, found] of byPlace) {
      if (found.length > (this.#past.get(place) ?? 0) && !this.#places.has(place) && !lost(found[0] as Outcome)) {
        problems.push(`${place} has an outcome, and Kafka has no such message`);
      }
    }
    return problems;
  }

  /** Whatever was acknowledged lies in Kafka, or the log says that it was lost there. */
  private checkAcknowledged(lost: (place: Place) => boolean): string[] {
    return this.sent.flatMap((entry) =>
      entry.acknowledged
        .filter((place) => !this.#places.has(placeOf(place)) && !lost(place))
        .map((place) => `Kafka acknowledged ${placeOf(place)} and does not have it: ${describe(entry)}`),
    );
  }

  /** Each right message is one event, if a single copy of it could be read; nothing else is an event with a source. */
  private checkEvents({ outcomes }: Recorded): string[] {
    const problems: string[] = [];
    const events = new Map<string, string[]>();
    for (const { what, identity } of outcomes) {
      if (identity !== null) events.set(identity, [...(events.get(identity) ?? []), what]);
    }
    for (const [identity, found] of events) {
      const entry = this.#byIdentity.get(identity);
      if (found.length > 1) problems.push(`${identity} was recorded ${found.length} times`);
      if (entry === undefined && !isOfTheSystem(identity)) problems.push(`nobody sent ${identity}`);
    }
    for (const [identity, entry] of this.#byIdentity) {
      const [found] = events.get(identity) ?? [];
      const wanted = 'event' in entry.expected ? `event ${entry.expected.event}` : '';
      const copies = this.#copies.get(entry) ?? 0;
      if (found === undefined && copies > 0) problems.push(`${identity} lies in Kafka ${copies} times and is no event`);
      if (found !== undefined && found !== wanted) problems.push(`${identity} became ${found}, not ${wanted}`);
    }
    return problems;
  }

  private entryOf({ key, value }: Received): SentMessage | undefined {
    return this.#byContent.get(contentOf(key, value)) ?? this.#byIdentity.get(identityOf(value) ?? '');
  }
}

function verdictOn(entry: SentMessage | undefined, outcome: Outcome | undefined): string[] {
  if (entry === undefined || outcome === undefined) return [];
  const { expected } = entry;
  const allowed = 'code' in expected ? [`rejected ${expected.code}`] : [`event ${expected.event}`, 'duplicate'];
  if (allowed.includes(outcome.what)) return [];
  return [`${placeOf(outcome)} became ${outcome.what}, not ${allowed.join(' or ')}: ${describe(entry)}`];
}

/** Whether the log says that the offset was lost before it was read. */
function lostPlaces(leaves: readonly Leaf[]): (place: Place) => boolean {
  const gaps = leaves.filter(({ type }) => type === 'DeliveryGapRecorded').map(({ data }) => data);
  return ({ topic, partition, offset }) =>
    gaps.some(
      (gap) =>
        gap['reason'] === 'EXPIRED' &&
        gap['topic'] === topic &&
        gap['partition'] === partition &&
        offset >= Number(gap['fromOffset']) &&
        offset <= Number(gap['toOffset']),
    );
}

function isOfTheSystem(identity: string): boolean {
  return OF_THE_SYSTEM.some((source) => identity.startsWith(source));
}

/** Without the message, which may be large. */
function placeIn({ topic, partition, offset }: Place): Place {
  return { topic, partition, offset };
}

function placeOf({ topic, partition, offset }: Place): string {
  return `${topic}/${partition}/${offset}`;
}

function contentOf(key: string, value: Buffer | string | null): string {
  return createHash('sha256')
    .update(JSON.stringify([key, value === null]))
    .update(value ?? '')
    .digest('base64');
}

/** `<source> <id>` of a structured CloudEvent. */
function identityOf(value: Buffer | string | null): string | null {
  try {
    const { source, id } = JSON.parse(String(value)) as { source?: unknown; id?: unknown };
    return typeof source === 'string' && typeof id === 'string' ? `${source} ${id}` : null;
  } catch {
    return null; // one of the wrong messages
  }
}

function describe(entry: SentMessage | undefined): string {
  return entry === undefined ? 'unknown' : `${String(entry.message.key)}, ${JSON.stringify(entry.expected)}`;
}
