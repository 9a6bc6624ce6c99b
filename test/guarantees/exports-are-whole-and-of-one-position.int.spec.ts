import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Finished, ledger } from '../support/ledger-cli.js';
import { randomOf, startProjection, type TestProjection } from '../support/incident-story.js';
import { projectAll } from '../support/project-all.js';
import { type Json, startQueryApi, type TestQueryApi } from '../support/query-api.js';
import { runFolder } from '../support/run-folder.js';
import { VariedStory } from '../support/varied-story.js';

// The command line is a process of its own.
jest.setTimeout(120_000);

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('an export', () => {
  let projection: TestProjection;
  let api: TestQueryApi;
  let story: VariedStory;
  let folder: string;
  let env: Record<string, string>;
  const inFolder = (name: string): string => path.join(folder, name);
  const run = (...args: string[]): Promise<Finished> => ledger(['export', ...args], env);
  const manifestOf = (name: string): Json => JSON.parse(readFileSync(inFolder(`${name}.manifest.json`), 'utf8'));
  const linesOf = (text: string): string[] => text.trimEnd().split('\n');

  beforeAll(async () => {
    projection = await startProjection();
    story = new VariedStory(projection.log, randomOf(5));
    await write(120);
    api = await startQueryApi(projection);
    await api.app.listen(0, '127.0.0.1');
    folder = mkdtempSync(path.join(runFolder(), 'export-'));
    env = {
      DATABASE_URL: projection.log.url,
      LEDGER_QUERY_URL: await api.app.getUrl(),
      LEDGER_AUDIT_URL: 'http://127.0.0.1:1',
    };
  });
  afterAll(async () => {
    await api?.close();
    await projection?.close();
  });

  async function write(events: number): Promise<void> {
    await projection.log.append(story.events(events));
    await projectAll(projection.pool);
  }

  async function leaves(): Promise<string[]> {
    const { rows } = await projection.log.owner.query<{ leaf: string }>(
      'SELECT leaf FROM ledger.event ORDER BY position',
    );
    return rows.map(({ leaf }) => leaf);
  }

  it('of the log is its leaves, byte by byte', async () => {
    const all = await leaves();
    expect((await run('log', '--out', inFolder('log.ndjson'))).code).toBe(0);
    expect(readFileSync(inFolder('log.ndjson'), 'utf8')).toBe(all.map((leaf) => `${leaf}\n`).join(''));
    expect(manifestOf('log.ndjson')).toMatchObject({
      ...{ export: 'log', from: 0, to: all.length - 1, rows: all.length, checkpoint: null },
      sha256: sha256(inFolder('log.ndjson')),
    });
    expect((await run('log', '--from', '5', '--to', '9', '--out', inFolder('part.gz'))).code).toBe(0);
    expect(linesOf(gunzipSync(readFileSync(inFolder('part.gz'))).toString())).toEqual(all.slice(5, 10));
    expect(manifestOf('part.gz')).toMatchObject({ rows: 5, sha256: sha256(inFolder('part.gz')) });
    const piped = await run('log', '--from', '5', '--to', '6');
    expect(linesOf(piped.stdout)).toEqual(all.slice(5, 7));
    expect(piped.stderr).toContain('"rows":2');
  });

  it('of a list is every page of one position, however many pages and whatever is recorded meanwhile', async () => {
    const query = 'region=IQ&sort=start';
    expect((await run('incidents', '--query', query, '--page', '7', '--out', inFolder('incidents.ndjson'))).code).toBe(
      0,
    );
    const { rows, asOf } = manifestOf('incidents.ndjson');
    await write(40);
    const { data } = await api.json(`/v1/incidents?${query}&limit=10000&asOf=${asOf.position}`);
    expect(data.length).toBeGreaterThan(14);
    expect(linesOf(readFileSync(inFolder('incidents.ndjson'), 'utf8')).map((line) => JSON.parse(line))).toEqual(data);
    expect(rows).toBe(data.length);
    // Again as of the same position: the same bytes.
    const again = ['--query', `${query}&asOf=${asOf.position}`, '--page', '100', '--out', inFolder('again.ndjson')];
    expect((await run('incidents', ...again)).code).toBe(0);
    expect(sha256(inFolder('again.ndjson'))).toBe(sha256(inFolder('incidents.ndjson')));
  });

  it('as CSV has its heading once', async () => {
    const asked = '/v1/casualties?groupBy=publisher,incidentType';
    const args = ['--query', 'groupBy=publisher,incidentType', '--format', 'csv', '--page', '2'];
    expect((await run('casualties', ...args, '--out', inFolder('figures.csv'))).code).toBe(0);
    const { asOf, rows } = manifestOf('figures.csv');
    const whole = (await api.get(`${asked}&format=csv&asOf=${asOf.position}`)).body;
    expect(readFileSync(inFolder('figures.csv'), 'utf8')).toBe(whole);
    expect(rows).toBe(linesOf(whole).length - 1);
    expect(rows).toBeGreaterThan(4);
  });

  it('as CSV for Excel and HXL has its mark and its hashtags once too', async () => {
    const query = 'groupBy=publisher,incidentType&bom=true&hxl=true';
    const args = ['--query', query, '--format', 'csv', '--page', '2', '--out', inFolder('marked.csv')];
    expect((await run('casualties', ...args)).code).toBe(0);
    const { asOf, rows } = manifestOf('marked.csv');
    const whole = (await api.get(`/v1/casualties?${query}&format=csv&asOf=${asOf.position}`)).body;
    expect(readFileSync(inFolder('marked.csv'), 'utf8')).toBe(whole);
    expect(rows).toBe(linesOf(whole).length - 2);
  });

  it('that fails leaves no file, and says why', async () => {
    const out = ['--out', inFolder('failed')];
    expect(await run('incidents', '--query', 'region=nowhere', ...out)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('UNKNOWN_REGION'),
    });
    expect((await run('log', '--from', '9', '--to', '5', ...out)).code).toBe(2);
    expect((await run('log', '--to', '999999', ...out)).code).toBe(2);
    expect((await run('incidents', '--query', 'limit=5', ...out)).code).toBe(2);
    expect((await run('log', '--out', path.join(folder, 'no', 'folder'))).code).toBe(2);
    env['LEDGER_QUERY_URL'] = 'http://127.0.0.1:1';
    expect((await run('incidents', ...out)).code).toBe(3);
    expect(existsSync(inFolder('failed'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
