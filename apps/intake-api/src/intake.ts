import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { parseTopicSources, TOPICS, type TopicSources } from '#app/contract';
import { Problem } from '#app/http-edge';
import { metricsFor } from '#app/runtime';
import { type CheckedMessage, checkMessages } from './check-messages.js';
import { IntakeApiConfig } from './intake-api.config.js';
import type { AcceptedDto, AcceptedListDto } from './intake.dto.js';
import { MessageSender, type Placed } from './message-sender.js';
import { isBinaryMode } from './read-events.js';
import { readSubmission } from './read-submission.js';
import { signDecisions } from './sign-decisions.js';
import type { Submission } from './submission.js';

export type Accepted = AcceptedDto | AcceptedListDto;

/** Where a route sends to, the CloudEvents type of its plain data, and all types that it takes. */
export interface Route {
  topic: string;
  type: string;
  types: readonly string[];
}

/** HTTP in, Kafka out; nothing is kept here. */
@Injectable()
export class Intake {
  private readonly sources: TopicSources;
  private readonly auditUrl: string;
  private readonly sent: Counter<'topic'>;
  private readonly refused: Counter<'topic' | 'code'>;

  constructor(
    config: IntakeApiConfig,
    private readonly sender: MessageSender,
  ) {
    this.sources = parseTopicSources(config.LEDGER_TOPIC_SOURCES);
    this.auditUrl = config.LEDGER_AUDIT_URL.replace(/\/+$/u, '');
    const registers = [metricsFor('intake-api')];
    this.sent = new Counter({
      name: 'intake_messages_sent_total',
      help: 'Messages that Kafka took',
      labelNames: ['topic'],
      registers,
    });
    this.refused = new Counter({
      name: 'intake_requests_refused_total',
      help: 'Requests of which nothing was sent',
      labelNames: ['topic', 'code'],
      registers,
    });
  }

  /** @throws Problem with a stable code when nothing, or not everything, could be sent */
  async take(submission: Submission, { topic, type, types }: Route): Promise<Accepted> {
    try {
      const read = readSubmission(submission, type);
      const { caller } = submission;
      const entries = topic === TOPICS.DECISIONS ? signDecisions(read.entries, caller) : read.entries;
      const right = { sources: this.sources, caller };
      const messages = checkMessages({ topic, types }, right, entries, isPlain(submission) ? '' : '/data');
      const placed = await this.sender.send(topic, messages, submission.headers['traceparent']?.[0]);
      this.sent.inc({ topic }, messages.length);
      const data = messages.map((message, index) => this.accepted(topic, message, placed[index]));
      const [first] = data;
      return read.isList || first === undefined ? { data, total: data.length } : first;
    } catch (error) {
      this.refused.inc({ topic, code: error instanceof Problem ? error.code : 'INTERNAL' });
      throw error;
    }
  }

  private accepted(topic: string, { id, source }: CheckedMessage, place: Placed | undefined): AcceptedDto {
    if (place === undefined) throw new Error('a message was sent and has no place');
    const { partition, offset } = place;
    return {
      id,
      source,
      topic,
      partition,
      offset,
      status: `${this.auditUrl}/v1/deliveries/${topic}/${partition}/${offset}`,
    };
  }
}

/** Plain data are their own document; the data of an event are a member of it. */
function isPlain({ contentType, headers }: Submission): boolean {
  return !contentType.toLowerCase().includes('application/cloudevents') && !isBinaryMode(headers);
}
