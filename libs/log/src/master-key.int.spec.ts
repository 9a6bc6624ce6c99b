import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMasterKeyFile, MasterKey } from './master-key.js';

describe('the master key file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'master-key-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, content: string | Buffer, mode = 0o600) => {
    const full = path.join(folder, name);
    writeFileSync(full, content);
    chmodSync(full, mode);
    return full;
  };

  it('may hold 32 bytes raw or as base64, and both are the same key', () => {
    const bytes = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7));
    const raw = MasterKey.fromFile(file('raw', bytes));
    const text = MasterKey.fromFile(file('text', `${bytes.toString('base64')}\n`));
    expect(text.unwrap('name', raw.wrap('name', bytes))).toEqual(bytes);
    expect(() => text.unwrap('other name', raw.wrap('name', bytes))).toThrow('not wrapped by this master key');
  });

  it('is refused when others may read it, when it is missing, and when it holds anything else', () => {
    expect(() => MasterKey.fromFile(file('open', Buffer.alloc(32), 0o644))).toThrow('chmod 600');
    expect(() => MasterKey.fromFile(path.join(folder, 'none'))).toThrow('cannot be read');
    expect(() => MasterKey.fromFile(file('short', 'c2hvcnQ='))).toThrow('32 bytes');
  });

  it('is made once, readable by its owner only', () => {
    const made = path.join(folder, 'deeper', 'master.key');
    createMasterKeyFile(made);
    const content = readFileSync(made);
    createMasterKeyFile(made);
    expect(readFileSync(made)).toEqual(content);
    expect(statSync(made).mode & 0o777).toBe(0o600);
    expect(MasterKey.fromFile(made)).toBeInstanceOf(MasterKey);
  });
});
