/** What one store did with the reports of one run. */
export interface Measured {
  store: string;
  /** Its setting, in words. */
  at: string;
  events: number;
  eventsPerSecond: number;
  /** Of what was appended, as its tables have it. */
  stored: { lost: number; doubled: number };
  /** Of what is stored, as its follower had it; null: it has none. */
  read: { lost: number; doubled: number } | null;
}

/** A Markdown table: the median of each store over the rounds, the worst of what was lost and doubled. */
export function peersTable(measured: readonly Measured[]): string {
  const stores = [...new Set(measured.map(({ store }) => store))];
  const rates = new Map(stores.map((store) => [store, median(roundsOf(measured, store))]));
  const [ours = Number.NaN] = rates.values();
  const lines = stores.map((store) => {
    const rounds = roundsOf(measured, store);
    const rate = rates.get(store) ?? Number.NaN;
    const readers = rounds.map(({ read }) => read).filter((read) => read !== null);
    const cells = [
      store,
      rounds[0]?.at ?? '',
      rate.toLocaleString('en'),
      `${(ours / rate).toFixed(2)} ×`,
      faults(rounds.map(({ stored }) => stored)),
      readers.length === 0 ? 'has none' : faults(readers),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| store | setting | events/s | ours is | lost / doubled in the store | lost / doubled by its follower |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function roundsOf(measured: readonly Measured[], store: string): Measured[] {
  return measured.filter((one) => one.store === store);
}

function median(rounds: readonly Measured[]): number {
  const rates = rounds.map(({ eventsPerSecond }) => eventsPerSecond).toSorted((a, b) => a - b);
  return rates[Math.floor(rates.length / 2)] ?? Number.NaN;
}

function faults(all: readonly { lost: number; doubled: number }[]): string {
  return `${Math.max(...all.map(({ lost }) => lost))} / ${Math.max(...all.map(({ doubled }) => doubled))}`;
}
