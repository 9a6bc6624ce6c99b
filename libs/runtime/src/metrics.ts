import { collectDefaultMetrics, Registry } from 'prom-client';

/** A Prometheus registry with the process's own metrics and the label `app` on everything. */
export function metricsFor(app: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry });
  return registry;
}
