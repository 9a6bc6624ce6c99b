import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  IncidentStory,
  randomEvents,
  randomOf,
  startProjection,
  type TestProjection,
} from '../support/incident-story.js';
import { projectAll } from '../support/project-all.js';

jest.setTimeout(60_000);

let projection: TestProjection;
beforeEach(async () => {
  projection = await startProjection();
});
afterEach(() => projection.close());

/** `country|month|measure` → [incidents, lo, hi of the known ones, open, unknown]. */
type Figures = Record<string, number[]>;

interface Spoken {
  outlet: string;
  publishedAt: string;
  reportId: string;
  casualties: { measure: string; value: { qualifier: string; lo?: number; hi?: number | null } }[];
}

/**
 * The rules of the fold for totals, written for this test from the leaves alone: it shares no code with the product, and
 * covers what `randomEvents` makes (no parts, no relayed claims, one date and place per incident).
 */
function independentFold(leaves: readonly string[]): Figures {
  const incidents = new Map<string, Map<string, { revision: number; leaf: Leaf | null }>>();
  for (const text of leaves) {
    const leaf = JSON.parse(text) as Leaf;
    if (leaf.type !== 'ReportRecorded' && leaf.type !== 'ReportWithdrawn') continue;
    const reports = incidents.get(leaf.stream) ?? new Map<string, { revision: number; leaf: Leaf | null }>();
    incidents.set(leaf.stream, reports);
    const reportId = leaf.data.report?.reportId ?? leaf.data.reportId!;
    const revision = leaf.type === 'ReportWithdrawn' ? Number.POSITIVE_INFINITY : leaf.data.report!.revision;
    const known = reports.get(reportId);
    if (known === undefined || revision > known.revision) {
      reports.set(reportId, { revision, leaf: leaf.type === 'ReportWithdrawn' ? null : leaf });
    }
  }
  const figures: Figures = {};
  for (const reports of incidents.values())
    addIncident(
      figures,
      [...reports.values()].flatMap(({ leaf }) => leaf ?? []),
    );
  return Object.fromEntries(Object.entries(figures).filter(([, sums]) => sums.some((sum) => sum !== 0)));
}

interface Leaf {
  type: string;
  stream: string;
  data: {
    reportId?: string;
    report?: Spoken & {
      revision: number;
      source: { name: string };
      occurred: { start: string };
      place: { country: string };
    };
  };
}

function addIncident(figures: Figures, active: Leaf[]): void {
  if (active.length === 0) return;
  const first = active[0]!.data.report!;
  const cell = `${first.place.country}|${first.occurred.start.slice(0, 7)}-01`;
  add(figures, `${cell}|INCIDENT`, [1, 0, 0, 0, 0]);
  for (const measure of ['KILLED', 'INJURED']) {
    const latest = new Map<string, { order: string; value: Spoken['casualties'][number]['value'] }>();
    for (const { data } of active) {
      const claim = data.report!.casualties.find((casualty) => casualty.measure === measure);
      const order = `${data.report!.publishedAt}|${data.report!.reportId}`;
      const earlier = latest.get(data.report!.source.name);
      if (claim && (!earlier || earlier.order < order))
        latest.set(data.report!.source.name, { order, value: claim.value });
    }
    const values = [...latest.values()].map(({ value }) => value);
    if (values.length === 0) continue;
    const known = values.filter(({ qualifier }) => qualifier !== 'UNKNOWN');
    if (known.length === 0) {
      add(figures, `${cell}|${measure}`, [1, 0, 0, 1, 1]);
      continue;
    }
    const lo = Math.min(...known.map((value) => value.lo!));
    const isOpen = known.some((value) => value.hi === null);
    const hi = isOpen ? 0 : Math.max(...known.map((value) => value.hi!));
    add(figures, `${cell}|${measure}`, [1, lo, hi, isOpen ? 1 : 0, 0]);
  }
}

function add(figures: Figures, key: string, sums: number[]): void {
  figures[key] = sums.map((sum, index) => sum + (figures[key]?.[index] ?? 0));
}

async function leavesUpTo(position: number): Promise<string[]> {
  const { rows } = await projection.log.owner.query<{ leaf: string }>(
    'SELECT leaf FROM ledger.event WHERE position <= $1 ORDER BY position',
    [position],
  );
  return rows.map(({ leaf }) => leaf);
}

async function sumsFrom(source: string): Promise<Figures> {
  const { rows } = await projection.log.owner.query<{ key: string; sums: string[] }>(
    `SELECT key, sums FROM (${source}) s (key, sums) WHERE sums <> '{0,0,0,0,0}'::bigint[]`,
  );
  return Object.fromEntries(rows.map(({ key, sums }) => [key, sums.map(Number)]));
}

const postings = (upTo: number): string => `
  SELECT country || '|' || month || '|' || measure,
         ARRAY[sum(d_incidents), ${['d_lo', 'd_hi', 'd_open', 'd_unknown'].map((amount) => `coalesce(sum(${amount}), 0)`).join(', ')}]::bigint[]
    FROM read_model.posting WHERE position <= ${upTo} AND part = 'TOTAL' GROUP BY country, month, measure`;

const BALANCES = `
  SELECT country || '|' || month || '|' || measure,
         ARRAY[sum(incidents), sum(lo), sum(hi), sum(open), sum(unknown)]::bigint[]
    FROM read_model.balance WHERE part = 'TOTAL' AND month > '-infinity' GROUP BY country, month, measure`;

describe('figures as of a position', () => {
  it.each([1, 2, 3])('equal an independent fold of the leaves up to it (random events, seed %i)', async (seed) => {
    const random = randomOf(seed);
    const story = new IncidentStory(projection.log);
    for (let batch = 0; batch < 8; batch += 1) {
      await projection.log.append(randomEvents(story, random, 1 + random(60)));
      // Projected at other moments than recorded, so that batches of both kinds overlap.
      if (random(2) === 0) await projectAll(projection.pool);
    }
    const { position } = await projectAll(projection.pool);

    for (const upTo of [position, 4, ...Array.from({ length: 10 }, () => random(position))]) {
      const folded = independentFold(await leavesUpTo(upTo));
      expect(await sumsFrom(postings(upTo))).toEqual(folded);
    }
    expect(await sumsFrom(BALANCES)).toEqual(independentFold(await leavesUpTo(position)));
  });

  it('know at each position which version of an incident showed, without gap or overlap', async () => {
    const story = new IncidentStory(projection.log);
    await projection.log.append(randomEvents(story, randomOf(7), 300));
    await projectAll(projection.pool);
    const { rows } = await projection.log.owner.query(
      `SELECT incident_id FROM (
         SELECT incident_id, version, to_position, row_number() OVER w AS expected,
                lead(from_position) OVER w AS next_from
           FROM read_model.incident_version WINDOW w AS (PARTITION BY incident_id ORDER BY from_position)) v
        WHERE version <> expected OR to_position IS DISTINCT FROM next_from`,
    );
    expect(rows).toEqual([]);
  });
});
