import { randomUUID } from 'node:crypto';
import { mkdtempSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { appendEvents, DEFAULT_LOG_ID } from '#app/log';
import { createPool, withTransaction } from '#app/runtime';
import { readKeyFile } from '#app/transparency';
import type pg from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { policyOf } from '../../apps/notary/src/identity.js';
import { NotaryMetrics } from '../../apps/notary/src/notary-metrics.js';
import { Notary, type NotaryParts } from '../../apps/notary/src/notary.js';
import { LogSigner } from '../../apps/notary/src/signing.js';
import { folderStore } from '../../apps/notary/src/tile-store.js';
import { Witnesses } from '../../apps/notary/src/witnesses/witnesses.js';
import { gapEvent, LOG_OPTIONS, type TestLog } from './log.js';
import { makeSignedLog } from './processes.js';
import { runFolder } from './run-folder.js';

/** A folder that nothing is in yet. */
export function tilesFolder(): string {
  const parent = path.join(runFolder(), 'tiles');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(path.join(parent, 'log-'));
}

/** Appends so many small events by the pool of `log`, which may be one on a copy of its database. */
export async function recordEvents(log: TestLog, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 500) {
    const events = Array.from({ length: Math.min(left, 500) }, (_, index) =>
      gapEvent(log, { stream: randomUUID(), streamVersion: 1 }, index),
    );
    await withTransaction(log.pool, (tx) => appendEvents(tx, DEFAULT_LOG_ID, events));
  }
}

export interface TestNotaryOptions {
  url: string;
  folder: string;
  /** Made when absent. */
  keyFile?: string;
  origin?: string;
  /** Content of a policy file. */
  policy?: string;
  /** 1000 by default. */
  witnessTimeoutMs?: number;
  /** Over the parts of a notary, for faults. */
  parts?: (parts: NotaryParts) => Partial<NotaryParts>;
}

/** A notary in the process of the test: signs as soon as there is something to sign. */
export interface TestNotary {
  readonly parts: NotaryParts;
  readonly pool: pg.Pool;
  /** Recovers as after a start, then signs and publishes until everything is covered. @returns the size @throws Refusal */
  publishAll(): Promise<number>;
  close(): Promise<void>;
}

export function testNotary({ url, folder, origin = LOG_OPTIONS.origin, ...options }: TestNotaryOptions): TestNotary {
  const keyFile = options.keyFile ?? makeSignedLog(origin).LEDGER_SIGNING_KEY_FILE;
  const pool = createPool(url, { role: 'ledger_notary', max: 3 });
  const logger = pino({ level: 'silent' });
  const signer = new LogSigner(readKeyFile(keyFile, { name: origin, kind: 'LOG' }), origin);
  const policy = policyOf(options.policy ?? null, signer.verifiers);
  const usual: NotaryParts = {
    pool,
    store: folderStore(folder),
    signer,
    policy,
    witnesses: new Witnesses(policy.policy, { timeoutMs: options.witnessTimeoutMs ?? 1000, logger }),
    metrics: new NotaryMetrics(new Registry(), pool),
    logger,
    intervalMs: 0,
    crashAt: () => undefined,
    signal: new AbortController().signal,
  };
  const parts = { ...usual, ...options.parts?.(usual) };
  return {
    parts,
    pool,
    publishAll: async () => {
      const notary = await Notary.open(parts);
      if (notary === null) throw new Error('there is no log yet');
      while ((await notary.turn()) === 0);
      return notary.size ?? 0;
    },
    close: () => pool.end(),
  };
}
