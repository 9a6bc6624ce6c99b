import { type GrownName, urlOfGrown } from './growth-folder.js';
import type { GrownWorld } from './growth-world.js';
import { CASES, type ReadingCase, type World } from './reading-cases.js';
import { measureCase, readingConnection, type ReadingResult } from './reading-measure.js';
import { seeded } from './reports.js';

/** How long a current figure took in one of the two databases. */
export interface ReadingTurn extends ReadingResult {
  round: number;
  name: GrownName;
  /** Cells or incidents of an answer, on average. */
  rows: number;
}

export interface ReadingRounds {
  server: string;
  worlds: Record<GrownName, GrownWorld>;
  rounds: number;
  say: (text: string) => void;
}

/** What is asked of the figures as they are now. */
const CURRENT = CASES.filter(({ what }) => what.endsWith(', now'));
const SEED = 2_018;

/** In each round the same questions are asked of both databases, one after the other; who comes first changes. */
export async function measureReading({ server, worlds, rounds, say }: ReadingRounds): Promise<ReadingTurn[]> {
  const turns: ReadingTurn[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const reading of CURRENT) {
      const order: GrownName[] = round % 2 === 1 ? ['small', 'large'] : ['large', 'small'];
      for (const name of order) {
        const { size, countries } = worlds[name];
        const world = { countries, head: size, random: seeded(SEED + round) };
        const turn = await readOnce(urlOfGrown(server, name), reading, world);
        turns.push({ ...turn, round, name });
        const { databaseMs, cpuMs, rows } = turn;
        say(
          `${reading.what} ${round}/${rounds} ${name}: p50 ${databaseMs.p50} ms, p99 ${databaseMs.p99} ms in the database, CPU ${cpuMs} ms, ${rows} rows`,
        );
      }
    }
  }
  return turns;
}

async function readOnce(url: string, reading: ReadingCase, world: World): Promise<Omit<ReadingTurn, 'round' | 'name'>> {
  const source = await readingConnection(url);
  let rows = 0;
  const counted: ReadingCase = {
    ...reading,
    ask: async (asked, of) => {
      const answer = await reading.ask(asked, of);
      rows += rowsOf(answer);
      return answer;
    },
  };
  try {
    const result = await measureCase(source, counted, world);
    return { ...result, rows: Math.round(rows / reading.runs) };
  } finally {
    await source.destroy();
  }
}

function rowsOf(answer: unknown): number {
  if (Array.isArray(answer)) return answer.length;
  return (answer as { rows?: unknown[] } | null)?.rows?.length ?? 0;
}
