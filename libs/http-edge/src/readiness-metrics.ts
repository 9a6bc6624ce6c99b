import { Gauge, type Registry } from 'prom-client';
import { type Checks, type Readiness, readiness } from './checks.js';

/**
 * What `/health/ready` says, for alerts: asked whenever somebody scrapes.
 *
 * @param checks as they are then
 */
export function measureReadiness(registry: Registry, checks: () => Checks): void {
  let asking: Promise<Readiness> | null = null;
  const ask = (): Promise<Readiness> =>
    (asking ??= readiness(checks(), () => undefined).finally(() => (asking = null)));
  const up = new Gauge({
    name: 'ledger_check_up',
    help: '1: the check of /health/ready is up; 0: it is down, and the app not ready',
    labelNames: ['check'],
    registers: [],
    async collect() {
      for (const [check, { status }] of Object.entries((await ask()).checks))
        this.set({ check }, status === 'up' ? 1 : 0);
    },
  });
  const problem = new Gauge({
    name: 'ledger_check_problem',
    help: '1: the check tells this code, whether the app is ready or not (docs/operators.md)',
    labelNames: ['check', 'code'],
    registers: [],
    async collect() {
      const { checks: found } = await ask();
      this.reset();
      for (const [check, { code }] of Object.entries(found)) if (typeof code === 'string') this.set({ check, code }, 1);
    },
  });
  for (const gauge of [up, problem]) registry.registerMetric(gauge);
}
