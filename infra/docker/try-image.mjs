// `node infra/docker/try-image.mjs [--built]`: what `docker compose up --build` would do with our own image, where no Docker is.
// Builds it from the Dockerfile with buildah (`--built`: takes that of the last run), and runs the services of
// docker-compose.yml that use it: out of its files, which they cannot write, as its account and without capabilities, with
// the volumes, commands and health checks of compose, on a PostgreSQL and a Kafka of this checkout. Needs Linux, root, buildah
// and bubblewrap; and debootstrap where the base image cannot be pulled (stand-in-base.mjs). Images are kept in .local/images.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, isBuildNeeded, root } from '../build.mjs';
import { say, step } from '../steps.mjs';
import { haveBase } from './stand-in-base.mjs';
import { readCompose } from './read-compose.mjs';

const IMAGE = 'localhost/conflict-ledger:local';
const BASE = 'docker.io/library/node:24-bookworm-slim';
/** Of the account `node` in the image. */
const NODE = 1000;
const PATIENCE_MS = 300_000;
/** Of this checkout alone: a stand-in under the name of the true base image must not be what other builds of the machine take. */
const IMAGES = path.join(root, '.local', 'images');
const STORED = ['--storage-driver', 'vfs', '--root', `${IMAGES}/storage`, '--runroot', `${IMAGES}/run`];

async function main() {
  if (isBuildNeeded()) build();
  const { makeTestFolder, removeTestFolder, startTestKafka, startTestPostgres } = await import(
    '../../dist/infra/local/test-services.js'
  );
  const folder = makeTestFolder();
  const buildah = (...args) => run('buildah', [...STORED, ...args]);
  /** @type {(() => unknown)[]} */
  const stops = [() => removeTestFolder(folder)];
  try {
    buildah('rm', '--all'); // what a killed run left
    await step('Having the base image', () => haveBase(buildah, BASE, path.join(folder, 'base')));
    if (!process.argv.includes('--built')) await step('Building the image', () => buildImage(buildah));
    const container = buildah('from', '--pull-never', IMAGE);
    stops.unshift(() => buildah('rm', container));
    const image = { files: buildah('mount', container), ...configOf(buildah) };
    const postgres = await startTestPostgres(folder);
    stops.unshift(() => postgres.stop());
    const kafka = await startTestKafka(folder);
    stops.unshift(() => kafka.stop());
    await tryServices({ image, folder, databaseUrl: postgres.url, brokers: kafka.brokers }, stops);
    say('Every service of the image did what docker-compose.yml expects of it.');
  } finally {
    for (const stop of stops) await stop();
  }
}

function buildImage(buildah) {
  const file = path.join(root, 'infra/docker/Dockerfile');
  // No layers: with plain folders for storage each would be a copy of everything below it.
  buildah('bud', '--isolation', 'chroot', '--pull-never', '--layers=false', '--tag', IMAGE, '--file', file, root);
  buildah('rmi', '--prune'); // the image of the last run, which has lost its name to this one
}

function configOf(buildah) {
  const { OCIv1 } = JSON.parse(buildah('inspect', '--type', 'image', IMAGE));
  const { User: user, Cmd: command, WorkingDir: workingFolder, Env: env } = OCIv1.config;
  if (user !== 'node') throw new Error(`the image runs as ${user || 'root'}`);
  return { user, command, workingFolder, env: Object.fromEntries(env.map((line) => line.split(/=(.*)/s, 2))) };
}

async function tryServices(system, stops) {
  const services = readCompose(path.join(root, 'docker-compose.yml'), {
    DATABASE_URL: system.databaseUrl,
    KAFKA_BROKERS: system.brokers,
  });
  const once = services.filter(({ healthCheck }) => healthCheck === null);
  const staying = services.filter(({ healthCheck }) => healthCheck !== null);
  for (const service of once) {
    await step(service.name, async () => {
      const { code, output } = await ended(start(system, service));
      if (code !== 0) throw new Error(`${service.name} ended with ${code}:\n${output}`);
      return output.trim();
    });
  }
  const apps = staying.map((service) => ({ service, ...start(system, service) }));
  stops.unshift(() => Promise.all(apps.map(stopOne)));
  for (const app of apps) {
    await step(`${app.service.name} until its health check is content`, () => untilHealthy(system, app));
  }
  for (const app of apps) {
    await step(`${app.service.name} at SIGTERM`, async () => {
      const code = await stopOne(app);
      if (code !== 0) throw new Error(`${app.service.name} ended with ${code}:\n${app.output()}`);
    });
  }
}

async function untilHealthy(system, app) {
  const deadline = Date.now() + PATIENCE_MS;
  const { service } = app;
  for (;;) {
    const look = start(system, { ...service, command: service.healthCheck });
    if ((await ended(look)).code === 0) return;
    if (app.child.exitCode !== null || Date.now() > deadline) throw new Error(`${service.name}:\n${app.output()}`);
    await sleep(500);
  }
}

/** In the files of the image, with the volumes of compose: new ones belong to root, as Docker makes them. */
function start({ image, folder }, service) {
  const mounts = service.volumes.flatMap(({ volume, at, readOnly }) => {
    const kept = path.join(folder, 'volumes', volume);
    mkdirSync(kept, { recursive: true });
    return [readOnly ? '--ro-bind' : '--bind', kept, at];
  });
  const rights = ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
  const account = [`--reuid=${NODE}`, `--regid=${NODE}`, '--clear-groups'];
  const child = spawn('bwrap', [
    ...[service.isReadOnly ? '--ro-bind' : '--bind', image.files, '/', '--dev', '/dev', '--proc', '/proc'],
    ...['--unshare-pid', '--unshare-ipc', '--die-with-parent', '--clearenv', ...mounts],
    ...Object.entries({ ...image.env, ...service.environment }).flatMap((entry) => ['--setenv', ...entry]),
    ...['--chdir', image.workingFolder, '--', 'setpriv', ...(service.isRoot ? [] : account)],
    ...(service.hasNoRights ? rights : []),
    ...(service.command ?? image.command),
  ]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exited = new Promise((resolve) => child.once('close', resolve));
  return { child, exited, output: () => output.slice(-4_000) };
}

async function ended({ exited, output }) {
  return { code: await exited, output: output() };
}

/** @returns the exit code; null when a signal had to end it */
async function stopOne({ child, exited }) {
  // bubblewrap hands no signal on. Below it is the first process of the container's own, and below that one the app.
  const [app] = childrenOf(child.pid).flatMap(childrenOf);
  if (app !== undefined) process.kill(app, 'SIGTERM');
  return await exited;
}

function childrenOf(pid) {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
}

/** What the program said, without its last line feed. */
function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}:\n${error?.message ?? stderr.slice(-4_000)}`);
  return stdout.trimEnd();
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
