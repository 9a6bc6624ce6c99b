import type { App } from './processes.js';

/** An answer as it came; of a stream what came in the first moment. */
export interface Answer {
  url: string;
  status: number;
  body: string;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
}
type Paths = Record<string, { get?: { parameters?: Parameter[] } }>;

/** About the process, not about what is recorded. */
const NOT_READ = /^\/(health|openapi\.json|docs)/;
const STREAM_MS = 1_000;

/**
 * The addresses of every GET route that an API documents, with its required parameters filled in.
 *
 * @param values by the name of the parameter; several give several addresses
 */
export async function readRoutes(app: App, values: Readonly<Record<string, readonly string[]>>): Promise<string[]> {
  const document = (await (await fetch(`${app.url}/openapi.json`)).json()) as { paths: Paths };
  return Object.entries(document.paths)
    .filter(([path, { get }]) => get !== undefined && !NOT_READ.test(path))
    .flatMap(([path, { get }]) => addressesOf(path, get?.parameters ?? [], values))
    .map((path) => `${app.url}${path}`);
}

function addressesOf(path: string, parameters: Parameter[], values: Readonly<Record<string, readonly string[]>>) {
  const query = parameters.filter((one) => one.in === 'query' && one.required === true);
  const filled = query.map(({ name }) => `${name}=${encodeURIComponent(values[name]?.[0] ?? 'unknown')}`).join('&');
  let paths = [path];
  for (const [placeholder, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
    paths = paths.flatMap((one) => (values[name] ?? ['unknown']).map((value) => one.replace(placeholder, value)));
  }
  return paths.map((one) => (filled === '' ? one : `${one}?${filled}`));
}

/** Reads each address whole, but of a stream that never ends only its beginning. */
export async function readAll(urls: readonly string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const url of urls) {
    const response = await fetch(url);
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const body = isStream ? await beginningOf(response) : await response.text();
    answers.push({ url, status: response.status, body });
  }
  return answers;
}

async function beginningOf(response: Response): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  const late = setTimeout(() => void reader.cancel(), STREAM_MS);
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  clearTimeout(late);
  return text;
}
