import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/**
 * The services of docker-compose.yml that run our own image, in its order, with `environment` over theirs.
 *
 * `healthCheck` is null for those that end when they have done their work.
 */
export function readCompose(file, environment) {
  const document = parse(readFileSync(file, 'utf8'), { merge: true });
  // Values, not the text: a variable that is empty gives an empty text, and not nothing.
  const { services } = JSON.parse(JSON.stringify(document), (_key, value) =>
    typeof value === 'string' ? value.replaceAll(VARIABLE, interpolated) : value,
  );
  return Object.entries(services)
    .filter(([, service]) => service.build !== undefined)
    .map(([name, service]) => ({
      name,
      command: service.command ?? null,
      healthCheck: service.healthcheck?.test.slice(1) ?? null,
      environment: { ...texts(service.environment), ...(service.environment === undefined ? {} : environment) },
      volumes: (service.volumes ?? []).map((line) => {
        const [volume, at, mode] = line.split(':');
        return { volume, at, readOnly: mode === 'ro' };
      }),
      isRoot: service.user === 'root',
      isReadOnly: service.read_only === true,
      hasNoRights: service.cap_drop?.[0] === 'ALL' && service.security_opt?.[0] === 'no-new-privileges:true',
    }));
}

/** `$$`, `${NAME}`, `${NAME:-default}`, `${NAME:?what to choose}`. */
const VARIABLE = /\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})/g;

/** As Compose does with nothing set: the default, or any value where one has to be chosen. */
function interpolated(all, name, operator, rest) {
  if (name === undefined) return all === '$$' ? '$' : all;
  return operator === '-' ? rest : 'chosen';
}

function texts(environment = {}) {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
}
