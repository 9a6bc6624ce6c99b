import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import type { App } from '../support/processes.js';

/** What an API answers to a GET, or with a body to a POST. @throws Error unless it is a 2xx */
export async function jsonFrom<T>(app: App, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${app.url}${path}`, {
    signal: AbortSignal.timeout(20_000),
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} is answered ${answer.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}

/** Asks again and again, whoever dies of it, until `crash` is over. @returns what was answered */
export async function answersUntil<T>(crash: Promise<void>, ask: () => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  const over = new AbortController();
  const end = crash.finally(() => over.abort());
  // Awaited below; a crash that fails meanwhile must not end the run.
  end.catch(() => undefined);
  while (!over.signal.aborted) {
    await ask().then(
      (answer) => answers.push(answer),
      () => sleep(100),
    );
  }
  await end;
  return answers;
}

/** Polls until `look` gives something. */
export function untilSeen<T>(what: string, look: () => Promise<T | null>): Promise<NonNullable<T>> {
  return eventually(what, look, { timeoutMs: 120_000, everyMs: 200 });
}
