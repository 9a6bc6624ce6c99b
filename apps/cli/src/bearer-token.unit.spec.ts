import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { bearer } from './bearer-token.js';

it('sends a token over TLS and on loopback, from the environment or a file', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'token-')), 'token');
  writeFileSync(file, 'from.a.file\n');
  expect(bearer('https://audit.example.org/v1', { LEDGER_TOKEN: 'a.b.c' })).toEqual({ authorization: 'Bearer a.b.c' });
  expect(bearer('http://127.0.0.1:3001', { LEDGER_TOKEN_FILE: file })).toEqual({ authorization: 'Bearer from.a.file' });
  expect(bearer('http://127.0.0.1:3001', {})).toEqual({});
});

it.each([
  ['http://audit.example.org/v1', { LEDGER_TOKEN: 'secret.token' }, /use https/],
  ['https://audit.example.org', { LEDGER_TOKEN: 'secret.token\r\nx: y' }, /does not hold a bearer token/],
  ['https://audit.example.org', { LEDGER_TOKEN_FILE: '/nowhere/token' }, /ENOENT/],
])('is refused without being printed: %s', (url, env, message) => {
  expect(() => bearer(url, env)).toThrow(message);
  try {
    bearer(url, env);
  } catch (error) {
    expect(String(error)).not.toContain('secret');
  }
});
