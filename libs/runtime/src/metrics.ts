import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** A Prometheus registry with the process's own metrics and the label `app` on everything. */
export function metricsFor(app: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry });
  return registry;
}

/**
 * Gauges that one look at the database serves together, when they are scraped: so they are true of a process that hangs as
 * well. NaN where there is nothing to tell, or the database does not answer.
 *
 * @param gauges by member of what is read: name and help
 */
export function gaugesReadTogether<T extends Record<keyof T, number>>(
  registers: Registry[],
  look: () => Promise<T | null>,
  gauges: Readonly<Record<keyof T, readonly [name: string, help: string]>>,
): void {
  let reading: Promise<T | null> | null = null;
  const read = (): Promise<T | null> => {
    reading ??= look()
      .catch(() => null)
      .finally(() => (reading = null));
    return reading;
  };
  for (const [member, [name, help]] of Object.entries(gauges) as [keyof T, readonly [string, string]][]) {
    const gauge = new Gauge({
      name,
      help,
      registers: [],
      async collect() {
        this.set((await read())?.[member] ?? Number.NaN);
      },
    });
    for (const registry of registers) registry.registerMetric(gauge);
  }
}
