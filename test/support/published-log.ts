import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CHECKPOINT_FILE, createKeyFile, formatVerifierKey, NoteSigner, readKeyFile } from '#app/transparency';
import { copyDatabase, type TestDatabase } from './database.js';
import { ledger } from './ledger-cli.js';
import { LOG_OPTIONS, reportEvent, secretReport, startLog, TEST_MASTER_KEY, type TestLog } from './log.js';
import { testNotary } from './notary.js';
import { runFolder } from './run-folder.js';

/** What `ledger verify` found wrong. */
export interface Found {
  /** Of the check. */
  name: string;
  kind: string;
  /** The first one that is concerned. */
  position?: number;
  path?: string;
}

export interface Verification {
  /** Exit code. */
  code: number | null;
  found: Found[];
  /** Both streams, for the one who has to find out why. */
  output: string;
}

/** Events of one transaction of ingest. */
const BATCH = 40;
const { origin: ORIGIN } = LOG_OPTIONS;

/** A log in a database of its own, the key that signs it, and the folder that is published. */
export class PublishedLog {
  #reports = 0;

  private constructor(
    readonly log: TestLog,
    /** Holds the key, the tiles and what else belongs to the log. */
    readonly folder: string,
  ) {}

  /** @param of a log that goes on here, in a database with what it has recorded; default: a new one */
  static async start(of?: { database: TestDatabase; folder: string }): Promise<PublishedLog> {
    const folder = of?.folder ?? mkdtempSync(path.join(runFolder(), 'published-'));
    const published = new PublishedLog(await startLog(of === undefined ? {} : { database: of.database }), folder);
    createKeyFile(published.keyFile, { name: ORIGIN, kind: 'LOG' });
    writeFileSync(published.vkeyFile, `${formatVerifierKey(published.signer.verifier)}\n`);
    writeFileSync(published.masterKeyFile, TEST_MASTER_KEY, { mode: 0o600 });
    return published;
  }

  get keyFile(): string {
    return path.join(this.folder, 'signing.key');
  }
  get vkeyFile(): string {
    return path.join(this.folder, 'vkey');
  }
  get masterKeyFile(): string {
    return path.join(this.folder, 'master.key');
  }
  get signer(): NoteSigner {
    return readKeyFile(this.keyFile, { name: ORIGIN, kind: 'LOG' })[0];
  }
  /** What is served below the prefix. */
  get tiles(): string {
    return path.join(this.folder, 'tiles');
  }

  /** Records so many reports as ingest does, none of them twice. @returns the size of the log */
  async record(count: number): Promise<number> {
    let size = 0;
    for (let left = count; left > 0; left -= BATCH) {
      const events = [];
      for (let n = 0; n < Math.min(BATCH, left); n += 1, this.#reports += 1) {
        events.push(await reportEvent(this.log, secretReport(this.#reports), { offset: this.#reports }));
      }
      size = (await this.log.append(events)) + events.length;
    }
    return size;
  }

  /** From now on other reports are recorded than a log that was the same until now would record. */
  goAnotherWay(): void {
    this.#reports += 1_000_000;
  }

  /** Signs and publishes all that is in the log. @param policy of witnesses @returns the size @throws Refusal */
  async publish(policy?: string): Promise<number> {
    const notary = testNotary({
      url: this.log.url,
      folder: this.tiles,
      keyFile: this.keyFile,
      ...(policy === undefined ? {} : { policy }),
    });
    try {
      return await notary.publishAll();
    } finally {
      await notary.close();
    }
  }

  /** The published checkpoint. */
  checkpoint(): string {
    return readFileSync(path.join(this.tiles, CHECKPOINT_FILE), 'utf8');
  }

  /** Writes a file beside the tiles. @returns its path */
  keep(name: string, content: string): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, content);
    return file;
  }

  /** The same log with a copy of its folder: it ends with the log itself. */
  withCopiedFolder(): PublishedLog {
    const folder = mkdtempSync(path.join(runFolder(), 'copy-'));
    cpSync(this.folder, folder, { recursive: true });
    return new PublishedLog(this.log, folder);
  }

  /** A backup as of now, restored beside it; with the folder too where it is wanted, else over the same folder. */
  async backUp({ withFolder }: { withFolder: boolean }): Promise<PublishedLog> {
    const database = await copyDatabase(this.log.url);
    const { folder } = withFolder ? this.withCopiedFolder() : this;
    const restored = await PublishedLog.start({ database, folder });
    restored.#reports = this.#reports;
    return restored;
  }

  /** `ledger verify` of the published folder, with the key of this log and further arguments. */
  async verify(...args: string[]): Promise<Verification> {
    const all = ['--json', 'verify', '--log', this.tiles, '--key', this.vkeyFile, ...args];
    const { code, stdout, stderr } = await ledger(all, {
      DATABASE_URL: this.log.url,
      LEDGER_MASTER_KEY_FILE: this.masterKeyFile,
    });
    const output = stdout + stderr;
    if (!stdout.startsWith('{')) throw new Error(`ledger verify says nothing that can be read:\n${output}`);
    const { checks } = JSON.parse(stdout) as { checks: (Found & { ok: boolean; findings?: Found[] })[] };
    const found = checks
      .filter(({ ok }) => !ok)
      .flatMap(({ findings = [], ...check }) =>
        findings.length > 0 ? findings.map((one) => ({ ...one, name: check.name })) : [check],
      );
    return { code, found, output };
  }

  close(): Promise<void> {
    return this.log.close();
  }
}
