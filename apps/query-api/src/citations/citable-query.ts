import { Problem } from '#app/http-edge';

/**
 * Routes whose answers hold nothing that can be erased: figures alone. The others show values that are opened for each
 * answer (summaries, addresses, reasons), and a copy of those that stays for ever would outlive their erasure.
 */
export const CITABLE_ROUTES = ['/v1/casualties', '/v1/activity'] as const;

/** A question that can be cited, before it is pinned to a state. */
export interface CitableQuery {
  route: string;
  parameters: URLSearchParams;
  /** As asked; absent: now, and the default. */
  asOf: string | undefined;
  boundary: string | undefined;
}

/** What of a query names a state. A cursor does too, in a way that its reader cannot see. */
const PINNED = ['asOf', 'boundary'] as const;

/**
 * @param query a path with parameters, as a reader would send it
 * @throws Problem NOT_CITABLE; INVALID_PARAMETER where a parameter that names the state is given more than once
 */
export function parseCitable(query: string): CitableQuery {
  const [route = '', ...rest] = query.split('?');
  const parameters = new URLSearchParams(rest.join('?'));
  if (!(CITABLE_ROUTES as readonly string[]).includes(route)) {
    throw new Problem(
      'NOT_CITABLE',
      `${route} cannot be cited, because its answers may hold values that can be erased; these can: ${CITABLE_ROUTES.join(', ')}`,
      { members: { known: CITABLE_ROUTES } },
    );
  }
  if (parameters.has('cursor')) throw new Problem('NOT_CITABLE', `a page is not cited, ${WHOLE}`);
  for (const name of PINNED) {
    if (parameters.getAll(name).length > 1) throw Problem.invalidParameter(name, 'must be given once');
  }
  const asked = (name: string): string | undefined => parameters.get(name) ?? undefined;
  return { route, parameters, asOf: asked('asOf'), boundary: asked('boundary') };
}

/** What to do where an answer has pages. */
export const WHOLE = 'only a whole answer is: ask for fewer groups, or with limit= for up to 10000';

/** The same question with everything written out that fixes its answer, in one order: two that mean the same are the same. */
export function pinnedQuery(
  { route, parameters }: CitableQuery,
  { position, boundary }: { position: number; boundary: string },
): string {
  const pinned = new URLSearchParams(parameters);
  pinned.set('asOf', String(position));
  pinned.set('boundary', boundary);
  if (!pinned.has('format')) pinned.set('format', 'json');
  pinned.sort();
  return `${route}?${pinned.toString()}`;
}
