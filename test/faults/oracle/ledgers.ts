import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatVerifierKey, readKeyFile } from '#app/transparency';
import { endOffsets, REPORTS_TOPIC } from '../../support/kafka.js';
import { ledger } from '../../support/ledger-cli.js';
import { TEST_ORIGIN } from '../../support/processes.js';
import { checkNotes, checkServedTree, stated } from '../../support/served-tree.js';
import type { SentMessage } from '../load.js';
import type { Draft } from '../messages.js';
import type { World } from '../world.js';
import { Accounts } from './accounts.js';
import { checkFigures } from './figures.js';
import { checkShape } from './log-shape.js';
import { readRecorded, type Recorded } from './recorded.js';
import { Relayed } from './relayed.js';
import { TopicTail } from './topic-tail.js';

const DECISIONS_TOPIC = 'conflict.decisions.v1';
const EVENTS_TOPIC = 'conflict.events.v1';

/**
 * The one oracle: what the system has to account for since its beginning. Written apart from the product; it reads Kafka,
 * the database, the folder of tiles and the figures as outsiders do. Only `ledger verify` is ours, and comes on top.
 */
export class Ledgers {
  readonly #accounts = new Accounts();
  readonly #relayed = new Relayed();
  readonly #inbound: TopicTail;
  readonly #outbound: TopicTail;
  /** What an outsider could have fetched, each change of it. */
  readonly #checkpoints: string[] = [];
  readonly #watching = new AbortController();
  /** Of the reports topic. */
  partitions = 4;

  constructor(private readonly world: World) {
    this.#inbound = new TopicTail(world.system.brokers);
    this.#outbound = new TopicTail(world.system.brokers);
  }

  get sent(): readonly SentMessage[] {
    return this.#accounts.sent;
  }

  enter(draft: Draft): SentMessage {
    return this.#accounts.enter(draft);
  }

  /** Keeps every checkpoint that is ever published. */
  watch(): void {
    void (async () => {
      while (!this.#watching.signal.aborted) {
        const note = await readFile(path.join(this.world.tiles, 'checkpoint'), 'utf8').catch(() => '');
        if (note !== '' && note !== this.#checkpoints.at(-1)) this.#checkpoints.push(note);
        await sleep(5);
      }
    })();
  }

  close(): void {
    this.#watching.abort();
  }

  /** Who has not come to the end yet; empty when Kafka, log, figures, tiles and the topic of events hold the same. */
  async behind(): Promise<string[]> {
    const { pool, group } = this.world;
    const { rows } = await pool.query<Record<'next' | 'figures' | 'relayed' | 'undigested', number>>(
      `SELECT (SELECT next_position FROM ledger.head)::float8 AS next,
              (SELECT position FROM read_model.generation WHERE status = 'LIVE')::float8 AS figures,
              (SELECT max(position) FROM relay.checkpoint)::float8 AS relayed,
              (SELECT count(*) FILTER (WHERE leaf::json -> 'data' -> 'digests' IS NULL)
                    - count(*) FILTER (WHERE leaf::json -> 'data' -> 'digests' IS NOT NULL)
                 FROM ledger.event WHERE type = 'SnapshotSealed')::float8 AS undigested`,
    );
    const at = rows[0] ?? { next: 0, figures: -1, relayed: -1, undigested: 0 };
    const published = stated(this.world.checkpoint ?? '').size;
    const late = [
      at.figures === at.next - 1 ? '' : `the figures are at ${at.figures} of ${at.next - 1}`,
      at.relayed === at.next - 1 ? '' : `the relay is at ${at.relayed} of ${at.next - 1}`,
      published === at.next ? '' : `the checkpoint has ${published} of ${at.next}`,
      at.undigested === 0 ? '' : `${at.undigested} snapshots have no digests`,
    ];
    for (const topic of [REPORTS_TOPIC, DECISIONS_TOPIC]) {
      const ends = await endOffsets(topic, this.world.system.brokers);
      const cursors = await pool.query<{ partition: number; next: number }>(
        'SELECT partition, next_offset::float8 AS next FROM ledger.kafka_cursor WHERE topic = $1 AND consumer_group = $2',
        [topic, group],
      );
      const next = new Map(cursors.rows.map((row) => [row.partition, row.next]));
      ends.forEach((end, partition) => {
        if ((next.get(partition) ?? 0) !== end)
          late.push(`${topic}/${partition} is at ${next.get(partition) ?? 0} of ${end}`);
      });
    }
    return late.filter(Boolean);
  }

  /** Messages are about to leave Kafka: what lies there now was there. */
  async look(): Promise<void> {
    this.#accounts.take(await this.#inbound.read([REPORTS_TOPIC, DECISIONS_TOPIC]));
  }

  /**
   * The reports topic is about to be made anew, or to be cut off: whatever it held is compared with the log for the last time.
   * @param from by partition, what stays where it is; default: nothing
   */
  async forgetReports(from: readonly number[] = []): Promise<string[]> {
    const recorded = await this.read();
    const problems = this.#accounts.check(recorded);
    this.#accounts.forget(REPORTS_TOPIC, recorded, from);
    this.#inbound.forget(REPORTS_TOPIC, from);
    return problems;
  }

  /** Everything that is wrong, in sentences. The system has settled before. */
  async check(random: () => number): Promise<{ problems: string[]; events: number }> {
    const recorded = await this.read();
    const last = recorded.leaves.length - 1;
    this.#relayed.take(await this.#outbound.read([EVENTS_TOPIC]));
    const problems = [
      ...checkShape(recorded),
      ...this.#accounts.check(recorded),
      ...(await checkFigures(this.world.app('query-api').url, recorded, [Math.floor(random() * last), last])),
      ...this.#relayed.check(
        recorded.texts,
        recorded.leaves.map(({ stream }) => stream),
      ),
      ...this.checkProof(recorded),
    ];
    return { problems, events: recorded.leaves.length };
  }

  /** Our own verifier on what is published and on the database. */
  async verify(): Promise<string[]> {
    const { env } = this.world.system;
    const [signer] = readKeyFile(env['LEDGER_SIGNING_KEY_FILE'] ?? '', { name: TEST_ORIGIN, kind: 'LOG' });
    const words = ['verify', '--log', this.world.tiles, '--key', formatVerifierKey(signer.verifier), '--database'];
    const { code, stdout, stderr } = await ledger(words, env);
    return code === 0 ? [] : [`ledger verify ends with ${code}: ${stdout}${stderr}`];
  }

  private async read(): Promise<Recorded> {
    await this.look();
    return readRecorded(this.world.pool);
  }

  /** One history, never back, every tile what the leaves give. */
  private checkProof({ texts }: Recorded): string[] {
    const leaves = texts.map((text) => Buffer.from(text));
    const sizes = this.#checkpoints.map((note) => stated(note).size);
    const back = sizes.findIndex((size, index) => size < (sizes[index - 1] ?? 0));
    const problems = back < 0 ? [] : [`the checkpoint went back from ${sizes[back - 1]} to ${sizes[back]}`];
    for (const check of [
      () => checkNotes(this.#checkpoints, leaves),
      () => {
        const { size } = checkServedTree(this.world.tiles, leaves);
        if (size !== leaves.length) throw new Error(`${size} of ${leaves.length} leaves are published`);
      },
    ]) {
      try {
        check();
      } catch (error) {
        problems.push((error as Error).message);
      }
    }
    return problems;
  }
}
