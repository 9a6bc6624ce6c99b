import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';

const ROOT = repositoryRoot();
const read = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8');
const dockerfile = read('infra/docker/Dockerfile');
const compose = read('docker-compose.yml');
const ignored = read('.dockerignore').trim().split('\n');

/** Of the build's making: not in the checkout. */
const MADE = ['node_modules', 'dist'];

const [build = '', image = ''] = dockerfile.split(/^FROM .*$/m).slice(1);
const copiesOf = (stage: string): string[] =>
  [...stage.matchAll(/^COPY (?:--from=build )?(.+) \S+$/gm)].flatMap(([, sources = '']) =>
    sources.split(' ').map((one) => one.replace(/^\/app\//, '')),
  );

/** Every service with its own lines and, where it takes them over, those of `x-app`. */
const services = new Map(
  (/^services:\n([\s\S]*?)^volumes:/m.exec(compose)?.[1] ?? '')
    .split(/^ {2}(?=[a-z][a-z-]*:$)/m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf(':')), text] as const),
);
const app = /^x-app: &app\n([\s\S]*?)^x-environment/m.exec(compose)?.[1] ?? '';
const linesOf = (name: string): string => {
  const own = services.get(name) ?? '';
  return own.includes('<<: *app') ? own + app : own;
};
const APPS = readdirSync(path.join(ROOT, 'apps')).filter((name) => name !== 'cli');
/** They end when they have done their work. */
const ONCE = ['migrate', 'topics', 'master-key', 'signing-key'];

describe('the image', () => {
  it.each([...copiesOf(build), ...copiesOf(image)].filter((name) => !MADE.includes(name)))(
    'copies %s, which is in the checkout and not kept from the build',
    (name) => {
      expect(existsSync(path.join(ROOT, name))).toBe(true);
      expect(ignored).not.toContain(name);
    },
  );

  it('is what a build left, run by an account that can write nothing in it', () => {
    expect(dockerfile.match(/^FROM /gm)).toHaveLength(2);
    expect(copiesOf(image)).toEqual(expect.arrayContaining(MADE));
    expect(
      image
        .trim()
        .split('\n')
        .findLast((line) => line.startsWith('USER')),
    ).toBe('USER node');
    expect(image).not.toMatch(/--chown|^RUN/m);
  });

  it('is built with the optional packages, of which the compiler is one, and out of what needs no tests', () => {
    expect(build.match(/^RUN npm install .*$/m)?.[0]).not.toContain('omit');
    expect(copiesOf(build).filter((name) => name.startsWith('test'))).toEqual([]);
  });

  it('holds what the programs read when they run: migrations, topics and samples', () => {
    expect(copiesOf(image)).toEqual(
      expect.arrayContaining(['infra/postgres/migrations', 'infra/kafka/topics.json', 'infra/samples', 'package.json']),
    );
  });
});

describe('docker-compose.yml', () => {
  it('has every app', () => {
    expect(
      APPS.filter(
        (name) =>
          !(services.get(name) ?? '').includes(`APP: ${name},`) &&
          !(services.get(name) ?? '').includes(`APP: ${name}\n`),
      ),
    ).toEqual([]);
  });

  it.each(APPS)('%s cannot write in its image, has no rights to gain, and says how it is', (name) => {
    for (const line of ['read_only: true', 'cap_drop: [ALL]', 'no-new-privileges:true', 'healthcheck:']) {
      expect(linesOf(name)).toContain(line);
    }
  });

  it('has a health check for everything that stays, and starts nothing before what it needs', () => {
    const staying = [...services.keys()].filter((name) => !ONCE.includes(name));
    expect(staying.filter((name) => !linesOf(name).includes('healthcheck:'))).toEqual([]);
    expect(app).toMatch(/migrate:\n\s+condition: service_completed_successfully/);
  });

  it.each([...compose.matchAll(/- (\.\/[^:]+):/g)].map(([, name]) => name ?? ''))(
    'mounts %s, which is in the checkout',
    (name) => expect(existsSync(path.join(ROOT, name))).toBe(true),
  );

  it('scrapes every app on the port that it is given', () => {
    const prometheus = read('infra/observability/prometheus.yml');
    const ports = APPS.map((name) => [name, /HTTP_PORT: (\d+)/.exec(services.get(name) ?? '')?.[1]] as const);
    expect(
      ports.filter(([name, port]) => !prometheus.includes(`127.0.0.1:${port}"], labels: { process: ${name} }`)),
    ).toEqual([]);
  });
});
