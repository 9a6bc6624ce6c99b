import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import type { NotaryParts } from '../../apps/notary/src/notary.js';
import { folderStore, type TileStore } from '../../apps/notary/src/tile-store.js';
import { LOG_OPTIONS, startLog, type TestLog } from '../support/log.js';
import { recordEvents, testNotary, type TestNotary, tilesFolder } from '../support/notary.js';
import { makeSignedLog } from '../support/processes.js';
import { checkNotes, checkServedTree, leavesOf, needlessPartials } from '../support/served-tree.js';

jest.setTimeout(300_000);

class InjectedFault extends Error {}

/** Counts the steps of a run and ends it at one of them: `before` it is done, in its middle, or `after` it. */
class Fault {
  steps = 0;
  constructor(
    private readonly at: number,
    private readonly when: 'before' | 'after',
  ) {}

  async step<T>(work: () => Promise<T>, half?: () => Promise<unknown>): Promise<T> {
    this.steps += 1;
    // Nothing is done any more after the moment of the "kill".
    if (this.steps > this.at) throw new InjectedFault('dead');
    if (this.steps === this.at && this.when === 'before') {
      await half?.();
      throw new InjectedFault('killed before');
    }
    const result = await work();
    if (this.steps === this.at) throw new InjectedFault('killed after');
    return result;
  }
}

/** Files of a batch are renamed in any order: a kill leaves some of them. */
function faultyStore(store: TileStore, fault: Fault): TileStore {
  return {
    name: store.name,
    read: store.read,
    write: (files) =>
      fault.step(
        () => store.write(files),
        () => store.write(files.filter((_, index) => index % 2 === 1)),
      ),
    stage: async (file) => {
      const staged = await fault.step(() => store.stage(file));
      return { replace: () => fault.step(() => staged.replace()), discard: () => fault.step(() => staged.discard()) };
    },
    removeFolder: (name) => fault.step(() => store.removeFolder(name)),
    removeTemporaries: (name) => store.removeTemporaries(name),
  };
}

/** Every statement is a step: also COMMIT, whose answer may be lost. */
function faultyPool(pool: pg.Pool, fault: Fault): pg.Pool {
  const wrap = (client: pg.PoolClient): pg.PoolClient =>
    new Proxy(client, {
      get: (target, name) => {
        if (name === 'query') {
          return (...args: unknown[]) => {
            const [config] = args;
            const query = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown>;
            const call = () => query.apply(target, args);
            // A copy is a stream: it is read, and a kill while reading leaves nothing behind.
            return typeof config === 'string' ? fault.step(call) : call();
          };
        }
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  return new Proxy(pool, {
    get: (target, name) => {
      if (name === 'connect') return async () => wrap(await target.connect());
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

describe('whatever fails, at whichever file and whichever statement', () => {
  let log: TestLog;
  let folder: string;
  let keyFile: string;
  let sound: TestNotary;
  /** Every note that was ever to be seen. */
  const seen = new Set<string>();
  beforeAll(async () => {
    log = await startLog();
    folder = tilesFolder();
    keyFile = makeSignedLog(LOG_OPTIONS.origin).LEDGER_SIGNING_KEY_FILE;
    sound = testNotary({ url: log.url, folder, keyFile });
  });
  afterAll(async () => {
    await sound.close();
    await log.close();
  });

  function look(): void {
    try {
      seen.add(readFileSync(path.join(folder, 'checkpoint'), 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  /** Two checkpoints with a fault in one of them. @returns whether it came to the fault */
  async function runWith(fault: Fault): Promise<boolean> {
    const parts = (usual: NotaryParts): Partial<NotaryParts> => {
      const store = faultyStore(folderStore(folder), fault);
      return {
        pool: faultyPool(usual.pool, fault),
        store: {
          ...store,
          stage: async (file) => {
            const staged = await store.stage(file);
            return { ...staged, replace: () => staged.replace().finally(look) };
          },
        },
      };
    };
    const faulty = testNotary({ url: log.url, folder, keyFile, parts });
    try {
      await recordEvents(log, 45);
      await faulty.publishAll();
      await recordEvents(log, 60);
      await faulty.publishAll();
      return false;
    } catch (error) {
      if (!(error instanceof InjectedFault)) throw error;
      return true;
    } finally {
      await faulty.close();
    }
  }

  it.each(['before', 'after'] as const)(
    '%s each step, the next notary publishes one and the same history',
    async (when) => {
      let isFaulty = true;
      let faults = 0;
      for (let at = 1; isFaulty; at += 1) {
        isFaulty = await runWith(new Fault(at, when));
        if (isFaulty) faults += 1;
        look();
        const size = await sound.publishAll();
        look();
        const leaves = await leavesOf(log.owner);
        expect(size).toBe(leaves.length);
        expect(checkServedTree(folder, leaves).size).toBe(size);
      }
      const leaves = await leavesOf(log.owner);
      checkNotes(seen, leaves);
      const { rows } = await log.owner.query<{ note: string }>('SELECT note FROM notary.checkpoint');
      checkNotes(
        rows.map(({ note }) => note),
        leaves,
      );
      expect(faults).toBeGreaterThan(20);
      expect(needlessPartials(folder)).toEqual([]);
    },
  );
});
