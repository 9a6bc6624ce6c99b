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
    const text = (await response.text()).slice(0, 300).replaceAll(/\s+/g, ' ');
    return { app, url, state: 'not ready', reason: `${response.status} ${text}` };
  } catch (error) {
    return { app, url, state: 'unreachable', reason: reasonOf(error as Error) };
  }
}
