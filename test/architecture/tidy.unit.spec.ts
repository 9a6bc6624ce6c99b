import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';

/** Rules over the sources that no linter has. */
const ROOT = repositoryRoot();
const FOLDERS = ['apps', 'libs', 'infra', 'test'];
const MEANINGLESS = new Set(['common', 'utils', 'util', 'helpers', 'shared', 'misc', 'services', 'dtos', 'entities']);
const BANNED: readonly [pattern: RegExp, instead: string][] = [
  [/\bconsole\.(log|error|warn)\(/, 'the injected logger'],
  [/\bsynchronize:\s*true/, 'a numbered migration'],
  [/\b(FIXME|TODO)\b/, 'an issue, or the fix'],
  [/oxlint-disable|eslint-disable|@ts-ignore|@ts-expect-error/, 'code that the rule accepts'],
  [/\b(it|test|describe)\.(only|skip)\(/, 'a test that runs'],
];

const filesIn = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|js)$/.test(entry.name))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)));

const sources = FOLDERS.flatMap(filesIn)
  .filter((file) => !file.endsWith('tidy.unit.spec.ts'))
  .map((file) => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }));

describe('the sources', () => {
  it('are found', () => expect(sources.length).toBeGreaterThan(300));

  it.each(BANNED)('do not use %s: use %s', (pattern) => {
    expect(sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it('lie in folders that say what is in them', () => {
    const folders = sources.flatMap(({ file }) => path.dirname(file).split(path.sep));
    expect(folders.filter((folder) => MEANINGLESS.has(folder))).toEqual([]);
  });

  it('import kafkajs in one library only', () => {
    const importers = sources.filter(({ text }) => /from 'kafkajs'/.test(text)).map(({ file }) => file);
    expect(importers.filter((file) => !/^(libs\/kafka|test|infra)\//.test(file))).toEqual([]);
  });
});
