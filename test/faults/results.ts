import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import { renderPage } from './page.js';
import type { CaseResult } from './run-fault.js';

/** The last run of one fault, as docs/guarantees.json keeps it. */
export interface FaultResult {
  seed: number;
  /** YYYY-MM-DD. */
  date: string;
  cases: Pick<CaseResult, 'chosen' | 'injected' | 'messages' | 'events' | 'problems'>[];
}
export type Results = Record<string, FaultResult>;

const DATA = path.join(repositoryRoot(), 'docs', 'guarantees.json');
export const PAGE = path.join(repositoryRoot(), 'docs', 'guarantees.md');

export function readResults(): Results {
  return JSON.parse(readFileSync(DATA, 'utf8')) as Results;
}

/** Puts what was run now in the place of what was run before, and writes the page anew. */
export function keepResults(run: ReadonlyMap<string, readonly CaseResult[]>, seed: number): void {
  const results = readResults();
  const date = new Date().toISOString().slice(0, 10);
  for (const [name, cases] of run) {
    results[name] = {
      seed,
      date,
      cases: cases.map(({ chosen, injected, messages, events, problems }) => ({
        chosen,
        injected,
        messages,
        events,
        problems,
      })),
    };
  }
  writeFileSync(DATA, `${JSON.stringify(results, null, 2)}\n`);
  writePage();
}

export function writePage(): void {
  writeFileSync(PAGE, renderPage(readResults()));
}
