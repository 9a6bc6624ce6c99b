import type { Environment } from '../environment.js';
import { reasonOf } from '../http-api.js';

export interface AppHealth {
  app: string;
  url: string;
  state: 'ready' | 'not ready' | 'unreachable';
  reason: string | null;
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
    if (response.ok) return { app, url, state: 'ready', reason: null };
    return { app, url, state: 'not ready', reason: `${response.status} ${reasonIn(await response.text())}` };
  } catch (error) {
    return { app, url, state: 'unreachable', reason: reasonOf(error as Error) };
  }
}

/** Which checks are down, with the code and the sentence of those that give one; else the beginning of the answer. */
function reasonIn(text: string): string {
  try {
    const { checks = {} } = JSON.parse(text) as { checks?: Record<string, Partial<Record<string, string>>> };
    const down = Object.entries(checks).filter(([, { status }]) => status === 'down');
    const reasons = down.map(([name, { code, reason }]) => [name, code, reason].filter(Boolean).join(': '));
    if (reasons.length > 0) return reasons.join('; ');
  } catch {
    // not one of our answers
  }
  return text.slice(0, 300).replaceAll(/\s+/g, ' ');
}
