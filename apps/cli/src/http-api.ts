import { bearer } from './bearer-token.js';
import { CommandError, EXIT, unreachable } from './exit-codes.js';

interface Problem {
  title?: string;
  detail?: string;
  code?: string;
}

/**
 * Calls one of our HTTP APIs and returns the parsed answer.
 * @throws CommandError 3 when nothing answers, 1 with the problem's own sentence for an answer of 4xx or 5xx
 */
export async function callApi<T>(
  app: string,
  url: string,
  request: { method?: 'GET' | 'POST'; body?: unknown; timeoutMs?: number } = {},
): Promise<T> {
  const response = await fetch(url, {
    method: request.method ?? 'GET',
    signal: AbortSignal.timeout(request.timeoutMs ?? 30_000),
    headers: {
      accept: 'application/json',
      ...bearer(url),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  }).catch((error: Error) => {
    throw unreachable(`${app} at ${new URL(url).origin}`, reasonOf(error));
  });
  const text = await response.text();
  const answer: unknown = text === '' ? null : parsed(text);
  if (!response.ok) throw refused(app, response.status, answer as Problem | null);
  return answer as T;
}

/**
 * Text as it comes, and the Link header beside it.
 * @throws CommandError as `callApi`
 */
export async function callText(
  app: string,
  url: string,
  timeoutMs: number,
): Promise<{ text: string; link: string | null }> {
  const request = { signal: AbortSignal.timeout(timeoutMs), headers: bearer(url) };
  const response = await fetch(url, request).catch((error: Error) => {
    throw unreachable(`${app} at ${new URL(url).origin}`, reasonOf(error));
  });
  // A byte order mark is a part of it, which text() would leave out.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer());
  if (!response.ok) throw refused(app, response.status, parsed(text) as Problem | null);
  return { text, link: response.headers.get('link') };
}

/** `fetch failed` says nothing; its cause does. */
export function reasonOf(error: Error): string {
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}

function refused(app: string, status: number, problem: Problem | null): CommandError {
  const said = [problem?.code, problem?.detail ?? problem?.title].filter((part) => part !== undefined).join(': ');
  return new CommandError(`${app} answers ${status}${said === '' ? '' : ` ${said}`}`, EXIT.failed);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
