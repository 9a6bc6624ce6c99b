import type { Fault, Random } from './fault.js';
import { pick } from './fault.js';

const AT_ONCE = 3;
const MIXES = 8;

/** Some of the faults at once, as the seed chooses them. */
export function mixesOf(faults: readonly Fault[]): Fault {
  const mixable = faults.filter(({ mixes }) => mixes === true);
  return {
    name: 'mixes',
    promise: 'the same holds when several of these happen at once',
    cases: Array.from({ length: MIXES }, (_, index) => `mix-${index + 1}`),
    short: 1,
    inject: async (world, random, { load }) => {
      const mixed = choose(random, mixable);
      const said = await Promise.all(
        mixed.map(async (fault) => {
          const chosen = pick(random, fault.cases ?? ['']);
          return `${fault.name} ${chosen}`.trim().concat(`: ${await fault.inject(world, random, { chosen, load })}`);
        }),
      );
      return said.join('; ');
    },
  };
}

function choose(random: Random, faults: readonly Fault[]): Fault[] {
  return faults
    .map((fault) => ({ fault, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, AT_ONCE)
    .map(({ fault }) => fault);
}
