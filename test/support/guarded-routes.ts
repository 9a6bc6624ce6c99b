import type { Role } from '#app/http-edge';
import type { App } from './processes.js';

/** One route with those who may use it. */
export interface GuardedRoute {
  method: string;
  /** As the description has it: `/v1/events/{position}`. */
  path: string;
  roles: 'open' | readonly Role[];
}

/** Every route of an app as the app itself has it, from the line that it logs at its start. */
export function guardedRoutes(app: App): GuardedRoute[] {
  const line = app
    .logs()
    .split('\n')
    .find((one) => one.includes('"who may use what"'));
  if (line === undefined) throw new Error(`${app.name} does not say who may use what`);
  const { routes } = JSON.parse(line) as { routes: Record<string, GuardedRoute['roles']> };
  return Object.entries(routes).map(([route, roles]) => {
    const [method = '', url = ''] = route.split(' ');
    return { method, path: url.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{path}'), roles };
  });
}

/** The same from its OpenAPI document. */
export async function describedRoutes(app: App): Promise<GuardedRoute[]> {
  const document = (await (await fetch(`${app.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { 'x-roles'?: Role[]; responses: object; security?: object[] }>>;
  };
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      roles: operation['x-roles'] ?? 'open',
    })),
  );
}
