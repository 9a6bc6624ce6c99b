import type { Environment } from '../environment.js';
import { reasonOf } from '../http-api.js';

export interface AppHealth {
  app: string;
  url: string;
  state: 'ready' | 'not ready' | 'unreachable';
  reason: string | null;
  /** Each check with its status and what it tells, also of an app that is ready; empty when it does not answer. */
  checks: Record<string, Record<string, unknown>>;
}

const TIMEOUT_MS = 3000;

/** Asks every app for its readiness; none waits for another. */
export async function appHealth(environment: Environment): Promise<AppHealth[]> {
  const apps = {
    'intake-api': environment.intakeUrl,
    ingest: environment.ingestUrl,
    projector: environment.projectorUrl,
    notary: environment.notaryUrl,
    relay: environment.relayUrl,
    'query-api': environment.queryUrl,
    'audit-api': environment.auditUrl,
  };
  return Promise.all(Object.entries(apps).map(([app, url]) => healthOf(app, url)));
}

async function healthOf(app: string, url: string): Promise<AppHealth> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    const checks = checksIn(text);
    if (response.ok) return { app, url, state: 'ready', reason: null, checks };
    return { app, url, state: 'not ready', reason: `${response.status} ${reasonIn(checks, text)}`, checks };
  } catch (error) {
    return { app, url, state: 'unreachable', reason: reasonOf(error as Error), checks: {} };
  }
}

/** Which checks are down, with the code and the sentence of those that give one; else the beginning of the answer. */
function reasonIn(checks: AppHealth['checks'], text: string): string {
  const down = Object.entries(checks).filter(([, { status }]) => status === 'down');
  const reasons = down.map(([name, { code, reason }]) => [name, code, reason].filter(Boolean).join(': '));
  return reasons.length > 0 ? reasons.join('; ') : text.slice(0, 300).replaceAll(/\s+/g, ' ');
}

function checksIn(text: string): AppHealth['checks'] {
  try {
    return (JSON.parse(text) as { checks?: AppHealth['checks'] }).checks ?? {};
  } catch {
    return {}; // not one of our answers
  }
}
