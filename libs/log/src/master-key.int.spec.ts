import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MasterKey } from './master-key.js';
import { addMasterKey, createMasterKeyFile, dropOldMasterKeys, readMasterKeyFile } from './master-key-file.js';

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
    expect(() => text.unwrap('other name', raw.wrap('name', bytes))).toThrow('not wrapped by a master key in');
  });

  it('is refused when others may read it, when it is missing, and when it holds anything else', () => {
    expect(() => MasterKey.fromFile(file('open', Buffer.alloc(32), 0o644))).toThrow('chmod 600');
    expect(() => MasterKey.fromFile(path.join(folder, 'none'))).toThrow('cannot be read');
    expect(() => MasterKey.fromFile(file('short', 'c2hvcnQ='))).toThrow('32 bytes');
  });

  it('may hold several keys: all unwrap, and the one that wrapped the secrets wraps', () => {
    const name = file('several', `${Buffer.alloc(32, 1).toString('base64')}\n`);
    const key = Buffer.alloc(32, 5);
    const before = MasterKey.fromFile(name);
    const wrapped = before.wrap('name', key);
    addMasterKey(name);
    expect(readMasterKeyFile(name)).toHaveLength(2);
    const started = MasterKey.fromFile(name);
    expect(started.unwrap('name', wrapped)).toEqual(key);
    started.wrapLike('name', wrapped);
    expect(before.unwrap('other', started.wrap('other', key))).toEqual(key);
    expect(started.rewrap('name', wrapped)).toBeNull();
    const fresh = MasterKey.fromFile(name);
    const again = fresh.rewrap('name', wrapped) as Buffer;
    expect(fresh.rewrap('name', again)).toBeNull();
    expect(dropOldMasterKeys(name)).toBe(1);
    expect(dropOldMasterKeys(name)).toBe(0);
    expect(statSync(name).mode & 0o777).toBe(0o600);
    expect(MasterKey.fromFile(name).unwrap('name', again)).toEqual(key);
    expect(() => MasterKey.fromFile(name).unwrap('name', wrapped)).toThrow('not wrapped');
  });

  it('makes keys that open under their name with the key of the file that made them, and go over to the next one', () => {
    const name = file('making', `${Buffer.alloc(32, 1).toString('base64')}\n`);
    const before = MasterKey.fromFile(name);
    const { key, wrapped } = before.make('name');
    expect(before.unwrap('name', wrapped)).toEqual(key);
    expect(before.make('name').key).not.toEqual(key);
    expect(before.rewrap('name', wrapped)).toBeNull();
    expect(() => before.unwrap('other name', wrapped)).toThrow('was not wrapped by');
    expect(() => new MasterKey(Buffer.alloc(32, 2)).unwrap('name', wrapped)).toThrow('was not wrapped by');
    const changed = Buffer.from(wrapped);
    changed[5] = (changed[5] as number) ^ 1;
    expect(() => before.unwrap('name', changed)).toThrow('was not wrapped by');
    addMasterKey(name);
    const again = MasterKey.fromFile(name).rewrap('name', wrapped) as Buffer;
    dropOldMasterKeys(name);
    expect(MasterKey.fromFile(name).unwrap('name', again)).toEqual(key);
    expect(() => MasterKey.fromFile(name).unwrap('name', wrapped)).toThrow('not wrapped');
  });

  it('is read again when it was changed and a key does not open, and then wraps as before', () => {
    const name = file('changing', `${Buffer.alloc(32, 1).toString('base64')}\n`);
    const running = MasterKey.fromFile(name);
    const key = Buffer.alloc(32, 6);
    const wrapped = running.wrap('name', key);
    addMasterKey(name);
    const rotated = MasterKey.fromFile(name).rewrap('name', wrapped) as Buffer;
    dropOldMasterKeys(name);
    expect(running.unwrap('name', rotated)).toEqual(key);
    // Until the vault says so it wraps by the key that others may still need.
    expect(() => MasterKey.fromFile(name).unwrap('x', running.wrap('x', key))).toThrow('not wrapped');
    running.wrapLike('name', rotated);
    expect(MasterKey.fromFile(name).unwrap('x', running.wrap('x', key))).toEqual(key);
  });

  it('that cannot be read any more leaves the keys as they were', () => {
    const name = file('vanishing', `${Buffer.alloc(32, 1).toString('base64')}\n`);
    const running = MasterKey.fromFile(name);
    const wrapped = running.wrap('name', Buffer.alloc(32, 6));
    const foreign = new MasterKey(Buffer.alloc(32, 2)).wrap('name', Buffer.alloc(32, 6));
    writeFileSync(name, 'half a li');
    expect(() => running.unwrap('name', foreign)).toThrow('was not wrapped by a master key in');
    rmSync(name);
    expect(() => running.unwrap('name', foreign)).toThrow('was not wrapped by a master key in');
    expect(running.unwrap('name', wrapped)).toEqual(Buffer.alloc(32, 6));
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
