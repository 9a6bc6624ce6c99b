import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { digestSnapshot, rebuild, replay } from '#app/read-models';
import { createPool } from '#app/runtime';
import type { Pool } from 'pg';
import { IncidentStory, randomEvents, randomOf } from '../support/incident-story.js';
import { asOwner, changeLeaf } from '../support/owner.js';
import { projectAll } from '../support/project-all.js';
import { PublishedLog } from '../support/published-log.js';

// The command line is a process of its own, and both cores may be busy.
jest.setTimeout(180_000);

describe('an owner who changes a leaf and makes all figures anew, so that they fit', () => {
  let log: PublishedLog;
  let projector: Pool;
  let auditor: Pool;
  /** Positions: of a report of three killed, and behind it of a snapshot whose digests are in the log. */
  let changed: number;
  let snapshot: number;

  beforeAll(async () => {
    log = await PublishedLog.start();
    projector = createPool(log.log.url, { role: 'ledger_projector', max: 8 });
    auditor = createPool(log.log.url, { role: 'ledger_audit', max: 4 });
    const story = new IncidentStory(log.log);
    await log.log.append(randomEvents(story, randomOf(3), 100));
    const casualties = [{ measure: 'KILLED' as const, value: { qualifier: 'EXACT' as const, lo: 3, hi: 3 } }];
    changed = await log.log.append([story.report({ incident: 5000, reportId: 'three', casualties })]);
    await log.log.append(randomEvents(story, randomOf(4), 100));
    snapshot = await log.log.append([story.decision('SnapshotSealed', { name: 'october', projection: 1 })]);
    await projectAll(projector);
    const digested = await digestSnapshot(projector, { upTo: snapshot });
    if (digested.kind !== 'DIGESTED') throw new Error(digested.kind);
    const { projection, tables } = digested;
    const digests = { algorithm: 'rows-sha256-v1', tables };
    await log.log.append([
      story.decision('SnapshotSealed', { name: 'october', projection, position: snapshot, digests }),
    ]);
    await projectAll(projector);
    await log.publish();
  });
  afterAll(async () => {
    await Promise.all([projector.end(), auditor.end()]);
    await log.close();
  });

  it('is not there yet: everything verifies', async () => {
    expect(await replay({ pool: auditor, upTo: snapshot })).toMatchObject({ differing: [], differences: [] });
    expect(await log.verify('--database')).toMatchObject({ code: 0, found: [] });
  });

  it('is found by the digests of a snapshot that was sealed before, and by its position', async () => {
    await asOwner(log.log.owner, (tx) => changeLeaf(tx, changed, ['"hi":3,"lo":3', '"hi":1,"lo":1']));
    await rebuild({ pool: projector, acceptDifferences: true });
    const { differing, differences, recorded } = await replay({ pool: auditor, upTo: snapshot });
    // Log and figures agree on the lie; what was recorded of the figures before it does not.
    expect(differences).toEqual([]);
    expect(differing).toEqual(expect.arrayContaining(['report', 'posting', 'balance']));
    expect(recorded).toMatchObject({ name: 'october', incomparable: null });
    expect(await log.verify('--database')).toMatchObject({
      code: 1,
      found: [{ name: 'database', kind: 'CHANGED', position: changed }],
    });
  });

  it('is found, too, when the digests are changed to fit: they are leaves themselves', async () => {
    const { tables } = (await digestSnapshot(projector, { upTo: snapshot })) as { tables: Record<string, string> };
    const { rows } = await log.log.owner.query<{ position: number; leaf: string }>(
      "SELECT position::float8, leaf FROM ledger.event WHERE type = 'SnapshotSealed' ORDER BY position DESC LIMIT 1",
    );
    const { position, leaf } = rows[0] as { position: number; leaf: string };
    const told = (JSON.parse(leaf) as { data: { digests: { tables: Record<string, string> } } }).data.digests.tables;
    await asOwner(log.log.owner, async (tx) => {
      for (const [table, digest] of Object.entries(tables)) {
        if (digest !== told[table]) await changeLeaf(tx, position, [told[table] ?? '', digest]);
      }
    });
    await rebuild({ pool: projector, acceptDifferences: true });
    expect(await replay({ pool: auditor, upTo: snapshot })).toMatchObject({ differing: [], differences: [] });
    expect((await log.verify('--database')).found).toMatchObject([
      { name: 'database', kind: 'CHANGED', position: changed },
      { name: 'database', kind: 'CHANGED', position },
    ]);
  });
});
