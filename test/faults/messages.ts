import { cloudEvent, decision, reportData } from '../support/ingest-messages.js';
import type { RawMessage } from '../support/kafka.js';
import { randomClaims } from '../support/random-claims.js';
import { between, pick, type Random } from './fault.js';

/** A message, and what must become of it: an event of this type, or a rejection with this code. */
export interface Draft {
  message: RawMessage;
  expected: { event: string } | { code: string };
}

const PUBLISHERS = ['https://desk-a.example', 'https://desk-b.example'];
const REPORT = 'org.conflictledger.report.v1';
const WITHDRAWN = 'org.conflictledger.report-withdrawn.v1';
const JSON_EVENT = { 'content-type': 'application/cloudevents+json' };
const INCIDENTS = 24;
const REPORTS_EACH = 3;
const REVISIONS_MAX = 40;

/** Reports of a few incidents by two desks, with revisions in any order and withdrawals; and messages that are wrong. */
export class Desk {
  readonly #revisions = new Map<string, number[]>();
  readonly #withdrawn = new Set<string>();
  #count = 0;

  /** @param name of the case: no message of another case has the same */
  constructor(
    private readonly name: string,
    private readonly random: Random,
  ) {}

  next(): Draft {
    const chance = this.random();
    if (chance < 0.08) return this.wrong();
    return chance < 0.14 ? this.withdrawal() : this.report();
  }

  report(): Draft {
    const { random } = this;
    const about = this.about();
    const month = String(between(random, 1, 12)).padStart(2, '0');
    const data = reportData({
      ref: about.ref,
      reportId: about.reportId,
      revision: this.revisionOf(about.reportId),
      data: {
        publishedAt: `2018-${month}-0${between(random, 1, 9)}T06:00:00Z`,
        source: { name: pick(random, ['A', 'B', 'C']), kind: pick(random, ['WIRE', 'NGO']) },
        occurred: { start: `2018-${month}-08`, end: `2018-${month}-08`, precision: 'DAY' },
        summary: `what was said in ${this.name}`,
        casualties: randomClaims(random),
      },
    });
    const message = cloudEvent(REPORT, data, { id: this.id('report'), source: about.source });
    return { message, expected: { event: 'ReportRecorded' } };
  }

  private withdrawal(): Draft {
    const { source, ref, reportId } = this.about();
    if (this.#withdrawn.has(reportId)) return this.report();
    this.#withdrawn.add(reportId);
    const data = { reportId, incident: { ref }, reason: 'the desk was wrong' };
    const message = cloudEvent(WITHDRAWN, data, { id: this.id('withdrawal'), source });
    return { message, expected: { event: 'ReportWithdrawn' } };
  }

  /** Each has its mark in its key, since not all of them have a text of their own. */
  private wrong(): Draft {
    const id = this.id('wrong');
    const bad = (code: string, value: string | Buffer | null): Draft => ({
      message: { key: `wrong|${id}`, value, headers: JSON_EVENT },
      expected: { code },
    });
    const data = reportData({ ref: id, reportId: id });
    const event = (content: unknown, type = REPORT): string =>
      JSON.stringify({ specversion: '1.0', id, source: PUBLISHERS[0], type, data: content });
    switch (between(this.random, 0, 6)) {
      case 0:
        return bad('NOT_JSON', `bomb in Mosul ${id}`);
      case 1:
        return bad('TOMBSTONE', null);
      case 2:
        return bad('EMPTY_MESSAGE', '');
      case 3:
        return bad('INVALID_UTF8', Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xc3, 0x28), Buffer.from('"}')]));
      case 4:
        return bad('UNKNOWN_FIELD', event({ ...data, victimName: 'somebody' }));
      case 5:
        return bad('TYPE_UNKNOWN', event({}, 'org.example.unknown'));
      default:
        return bad('DUPLICATE_MEMBER', event(data).replace('"revision"', '"reportId":"twice","revision"'));
    }
  }

  private about(): { source: string; ref: string; reportId: string } {
    const incident = between(this.random, 1, INCIDENTS);
    const ref = `${this.name}-incident-${incident}`;
    const source = pick(this.random, PUBLISHERS);
    const reportId = `${ref}-report-${between(this.random, 1, REPORTS_EACH)}-${PUBLISHERS.indexOf(source)}`;
    return { source, ref, reportId };
  }

  /** Each once, in any order: the same one under another id would be refused. */
  private revisionOf(reportId: string): number {
    const left = this.#revisions.get(reportId) ?? Array.from({ length: REVISIONS_MAX }, (_, index) => index + 1);
    this.#revisions.set(reportId, left);
    // Of the lowest ones that are left: reports with a high revision early would leave nothing for the late ones to do.
    const [revision] = left.splice(between(this.random, 0, Math.min(3, left.length - 1)), 1);
    if (revision === undefined) throw new Error(`${reportId} has no revision left: the load is too long`);
    return revision;
  }

  private id(kind: string): string {
    this.#count += 1;
    return `${this.name}-${kind}-${this.#count}`;
  }
}

/** A decision of a steward. */
export function decisionOf(id: string, data: Record<string, unknown>, expected: Draft['expected']): Draft {
  return { message: decision(data, id), expected };
}
