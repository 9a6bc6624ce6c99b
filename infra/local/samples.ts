import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkoutFolder, localFolder } from './folders.js';

interface Delivery {
  status: 'PENDING' | 'RECORDED' | 'DUPLICATE' | 'REJECTED';
  position?: number | null;
}

export interface SampleOutcome {
  messages: number;
  rejected: number;
}

/** The files of infra/samples, in the order of their names: what refers to something comes after it. */
export function sampleFiles(): string[] {
  const folder = path.join(checkoutFolder(), 'infra', 'samples');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .toSorted()
    .map((name) => path.join(folder, name));
}

/** Publishes the files as any publisher would: `ledger publish`, through Kafka. Together, since starting the CLI costs most. */
export function publishSamples(files: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const file = localFolder('samples.ndjson');
  writeFileSync(file, files.map((each) => readFileSync(each, 'utf8')).join(''));
  const ledger = path.join(checkoutFolder(), 'apps', 'cli', 'bin', 'ledger.js');
  return new Promise((resolve, reject) => {
    let said = '';
    const child = spawn(process.execPath, [ledger, 'publish', file], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`publishing the samples failed:\n${said}`));
    });
  });
}

/** Until every message of the files is in the log, and the figures are as far as the last of them. */
export async function waitUntilVisible(
  files: readonly string[],
  urls: { audit: string; query: string },
  isCancelled: () => boolean,
): Promise<SampleOutcome> {
  const outcome: SampleOutcome = { messages: 0, rejected: 0 };
  const deadline = Date.now() + 60_000;
  const isOver = () => isCancelled() || Date.now() > deadline;
  let last = -1;
  for (const { source, id } of files.flatMap(sampleMessages)) {
    const delivery = await settled(
      `${urls.audit}/v1/deliveries?${new URLSearchParams({ source, id }).toString()}`,
      isOver,
    );
    outcome.messages++;
    if (delivery.status === 'REJECTED') outcome.rejected++;
    last = Math.max(last, delivery.position ?? -1);
  }
  while (!isOver() && (await projectedPosition(urls.query)) < last) await sleep(40);
  return outcome;
}

async function settled(url: string, isOver: () => boolean): Promise<Delivery> {
  for (;;) {
    const answer = await fetch(url).catch(() => null);
    const body = (await answer?.json().catch(() => null)) as Delivery | { data: Delivery[] } | null | undefined;
    const delivery = body && 'data' in body ? body.data[0] : (body ?? undefined);
    if (answer?.ok && delivery && delivery.status !== 'PENDING') return delivery;
    if (isOver()) throw new Error(`the samples are not in the log: ${url} answers ${answer?.status ?? 'nothing'}`);
    await sleep(40);
  }
}

async function projectedPosition(queryUrl: string): Promise<number> {
  const answer = await fetch(`${queryUrl}/v1/casualties`).catch(() => null);
  const body = (await answer?.json().catch(() => null)) as { asOf?: { position?: number } } | null | undefined;
  return body?.asOf?.position ?? -1;
}

/** CloudEvents identity of each line. */
export function sampleMessages(file: string): { source: string; id: string }[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { source: string; id: string });
}
