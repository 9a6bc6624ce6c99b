import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { startDedicatedKafka } from '../support/dedicated.js';
import { startKafkaCluster } from '../support/kafka-cluster.js';
import type { Fault } from './fault.js';
import { FAULTS } from './list.js';
import { keepResults } from './results.js';
import { type CaseResult, randomOf, runCase } from './run-fault.js';
import { canMountSmallDisks } from './small-disk.js';
import { type Servers, startServers, World } from './world.js';

const isLong = process.env['LEDGER_FAULTS'] === 'long';
const seed = Number(process.env['LEDGER_FAULTS_SEED'] ?? randomInt(2 ** 31));
const filters = (process.env['LEDGER_FAULTS_FILTER'] ?? '').split(' ').filter(Boolean);
const chosen = FAULTS.filter(({ name }) => filters.length === 0 || filters.some((filter) => name.includes(filter)));
const canMount = canMountSmallDisks();
const results = new Map<string, CaseResult[]>();

/** Of the short form: some of the cases, as the seed says. */
function casesOf({ name, cases = [''], short = 0 }: Fault): string[] {
  if (isLong || filters.length > 0) return [...cases];
  const random = randomOf(seed, name);
  return cases
    .map((one) => ({ one, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, short)
    .map(({ one }) => one);
}

describe.each([
  {
    on: 'one broker',
    startKafka: () => startDedicatedKafka(),
    isOurs: ({ needsCluster }: Fault) => needsCluster !== true,
  },
  { on: 'three brokers', startKafka: startKafkaCluster, isOurs: ({ needsCluster }: Fault) => needsCluster === true },
])(`faults on $on, seed ${seed}`, ({ startKafka, isOurs }) => {
  let servers: Servers;
  let world: World | null = null;
  const planned = chosen.filter(isOurs).map((fault) => ({ fault, cases: casesOf(fault) }));
  if (planned.every(({ cases }) => cases.length === 0)) return;
  beforeAll(async () => {
    servers = await startServers(startKafka);
  }, 120_000);
  afterAll(async () => {
    await world?.stop();
    await servers?.stop();
  }, 120_000);

  for (const { fault, cases } of planned) {
    const isSkipped = fault.needsSmallDisks === true && !canMount;
    if (isSkipped) process.stderr.write(`SKIPPED: ${fault.name}, since no small disk (tmpfs) can be mounted here\n`);
    const inject = isSkipped ? it.skip : it;
    for (const one of cases) {
      inject(
        `${fault.name} ${one}`.trim(),
        async () => {
          world ??= await World.start(servers);
          const result = await runCase(world, fault, one, seed);
          results.set(fault.name, [...(results.get(fault.name) ?? []), result]);
          // At once: whoever interrupts a long run keeps what it has found.
          if (isLong) keepResults(results, seed);
          const { messages, events, seconds } = result;
          const counts = `${messages} messages, ${events} events in the log, ${seconds.toFixed(1)} s`;
          process.stderr.write(`  ${fault.name} ${one}: ${result.injected}; ${counts}\n`);
          if (result.problems.length > 0) {
            // What is broken now would be found by every fault that follows.
            await world.stop().catch(() => undefined);
            world = null;
          }
          expect({ seed, problems: result.problems }).toEqual({ seed, problems: [] });
        },
        600_000,
      );
    }
  }

  it('leave a log that our own verifier accepts, with the database behind it', async () => {
    world ??= await World.start(servers);
    await world.settle();
    expect(await world.ledgers.verify()).toEqual([]);
  }, 120_000);
});
