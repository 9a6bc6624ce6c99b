import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import { FAULTS } from '../faults/list.js';
import { renderPage } from '../faults/page.js';
import { PAGE, readResults } from '../faults/results.js';

describe('docs/guarantees.md', () => {
  it('lists every fault that has a file', () => {
    const files = readdirSync(path.join(repositoryRoot(), 'test', 'faults', 'injected')).map(
      (file) => path.parse(file).name,
    );
    expect(FAULTS.map(({ name }) => name).toSorted()).toEqual([...files, 'mixes'].toSorted());
  });

  it('is what npm run guarantees makes of the last results', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(renderPage(readResults()));
  });

  it('shows no fault under which a promise was broken', () => {
    const broken = Object.entries(readResults()).filter(([, { cases }]) =>
      cases.some(({ problems }) => problems.length > 0),
    );
    expect(broken.map(([name]) => name)).toEqual([]);
  });
});
