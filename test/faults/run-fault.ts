import { seeded } from '../bench/reports.js';
import type { Fault, Random } from './fault.js';
import { Load } from './load.js';
import { Stewards } from './stewards.js';
import type { World } from './world.js';

/** What came of one case of a fault. */
export interface CaseResult {
  chosen: string;
  /** In words. */
  injected: string;
  /** Acknowledged while it was injected. */
  messages: number;
  /** In the log afterwards, all of which the oracle looked at. */
  events: number;
  seconds: number;
  problems: string[];
}

const stewards = new WeakMap<World, Stewards>();
let cases = 0;

/** Injects one case under load, lets the system work everything off, and asks the oracle. */
export async function runCase(world: World, fault: Fault, chosen: string, seed: number): Promise<CaseResult> {
  const startedAt = performance.now();
  const random = randomOf(seed, `${fault.name} ${chosen}`);
  cases += 1;
  const load = await startLoad(world, fault, randomOf(seed, `load of ${fault.name} ${chosen}`));
  const problems: string[] = [];
  let injected = '';
  try {
    injected = await fault.inject(world, random, { chosen, load });
  } catch (error) {
    problems.push(`could not be injected, or did not pass: ${reasonOf(error)}`);
  }
  try {
    await load.stop();
    const dead = world.dead();
    if (dead.length > 0) problems.push(`${dead.join(', ')} ended and nobody had killed it`);
    for (const name of dead) await world.replace(name);
    await world.settle();
    await world.untilReady();
    const { problems: found, events } = await world.ledgers.check(random);
    problems.push(...found);
    return result(events);
  } catch (error) {
    problems.push(`${reasonOf(error)}\n${lastWords(world)}`);
    return result(0);
  }

  function result(events: number): CaseResult {
    const seconds = (performance.now() - startedAt) / 1000;
    return { chosen, injected, messages: load.messages, events, seconds, problems: problems.slice(0, 20) };
  }
}

async function startLoad(world: World, fault: Fault, random: Random): Promise<Load> {
  const deciding = stewards.get(world) ?? new Stewards();
  stewards.set(world, deciding);
  const name = `c${cases}`;
  const decisions = await deciding.decide(world.pool, random, name);
  // A snapshot makes the projector digest and send: some cases, and all that kill it.
  if (fault.name.includes('projector') || random() < 0.3) decisions.push(deciding.seal(name));
  const load = new Load(world, random, { name, quiet: fault.quiet === true, decisions });
  load.start();
  return load;
}

/** The seed of a run and the name of the case give its numbers, whatever ran before it. */
export function randomOf(seed: number, name: string): Random {
  let hash = seed;
  for (const char of name) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) | 0;
  return seeded(hash);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${reasonOf(error.cause)})`;
}

function lastWords(world: World): string {
  return (['ingest', 'projector', 'relay', 'notary'] as const)
    .map((name) => `${name}: ${world.app(name).logs().split('\n').slice(-6).join('\n  ')}`)
    .join('\n');
}
