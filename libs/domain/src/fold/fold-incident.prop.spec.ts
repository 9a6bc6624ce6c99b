import fc from 'fast-check';
import { conversionPolicy1, foldIncident, type IncidentEvent } from '#app/domain';
import { party, report, value } from '../../testing/arbitrary-reports.js';
import { activeAfter, foldOf, recorded, withdrawn } from '../../testing/reports.js';

/** What a stream can hold: a revision of a report is recorded once, another message with it is refused. */
const stream: fc.Arbitrary<IncidentEvent[]> = fc
  .tuple(
    fc.uniqueArray(report, { maxLength: 9, selector: ({ id, revision }) => `${id} ${revision}` }),
    fc.subarray(['b', 'd', 'never reported']),
  )
  .map(([reports, ids]) => [...reports.map(recorded), ...ids.map(withdrawn)]);

const reordered = stream.chain((events) =>
  fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
);

describe('the fold of any reports', () => {
  it('is the same in whatever order they arrive', () => {
    fc.assert(
      fc.property(reordered, ([sent, arrived]) =>
        expect(JSON.stringify(foldOf(arrived))).toBe(JSON.stringify(foldOf(sent))),
      ),
      { numRuns: 1000 },
    );
  });

  it('does not change when a report is applied twice', () => {
    fc.assert(
      fc.property(stream, fc.nat(), (events, pick) => {
        const again = events.length === 0 ? [] : [events[pick % events.length] as IncidentEvent];
        expect(activeAfter([...events, ...again])).toEqual(activeAfter(events));
      }),
    );
  });

  it('reads nothing that a leaf does not carry', () => {
    fc.assert(
      fc.property(stream, (events) => {
        const active = activeAfter(events);
        const fromLeaves: typeof active = JSON.parse(JSON.stringify(active));
        expect(foldIncident(fromLeaves, conversionPolicy1)).toEqual(foldIncident(active, conversionPolicy1));
      }),
    );
  });

  it('has a total wherever it has a part, and points exactly where a claimant has a value', () => {
    fc.assert(
      fc.property(stream, (events) => {
        for (const { measure, part, points, unknown } of foldOf(events)?.figures ?? []) {
          const totals = foldOf(events)?.figures.filter(
            (figure) => figure.measure === measure && figure.part === 'TOTAL',
          );
          expect(totals).toHaveLength(1);
          if (part === 'TOTAL') expect(points.max === null).toBe(unknown);
          if (points.max !== null) {
            expect(points.conservative).toBeLessThanOrEqual(points.median as number);
            expect(points.median).toBeLessThanOrEqual(points.max);
          }
        }
      }),
    );
  });
});

/** Kept here on purpose: written from domain.md alone, it shares nothing with the fold but its input. */
function naiveTotal(events: readonly IncidentEvent[], measure: string): [number, number | null] | null {
  const active = activeAfter(events).flatMap(({ body }) => (body ? [body.report] : []));
  const time = (at: string) => new Date(at).getTime();
  active.sort((a, b) => time(a.publishedAt) - time(b.publishedAt) || (a.reportId < b.reportId ? -1 : 1));
  const standing = new Map<string, { lo: number; hi: number | null; unknown: boolean }>();
  for (const { source, casualties } of active) {
    for (const claim of casualties ?? []) {
      const who = claim.by ?? source.relayedFrom?.at(-1) ?? source;
      if (claim.measure !== measure) continue;
      const unknown = claim.value.qualifier === 'UNKNOWN';
      const hi = claim.value.hi ?? null;
      standing.set(`${who.name}/${who.kind}`, { lo: claim.value.lo ?? 0, hi: unknown ? null : hi, unknown });
    }
  }
  const all = [...standing.values()];
  const known = all.filter(({ unknown }) => !unknown);
  const counted = known.length > 0 ? known : all;
  if (counted.length === 0) return null;
  const open = counted.some(({ hi }) => hi === null);
  return [Math.min(...counted.map(({ lo }) => lo)), open ? null : Math.max(...counted.map(({ hi }) => hi as number))];
}

describe('the total of plain claims', () => {
  const oneTotal = fc
    .record({
      by: fc.option(party),
      value: value.filter(
        ({ qualifier }) => qualifier === 'BETWEEN' || qualifier === 'AT_LEAST' || qualifier === 'UNKNOWN',
      ),
    })
    .map((claim) => [{ measure: 'KILLED' as const, ...claim }]);
  const plain = fc
    .uniqueArray(fc.tuple(report, oneTotal), { maxLength: 8, selector: ([{ id, revision }]) => `${id} ${revision}` })
    .map((pairs) => pairs.map(([each, casualties]) => recorded({ ...each, casualties })));

  it('is what a naive reading of the rules gives', () => {
    fc.assert(
      fc.property(plain, (events) => {
        const total = foldOf(events)?.figures.find(({ part }) => part === 'TOTAL');
        expect(total ? [total.lo, total.hi] : null).toEqual(naiveTotal(events, 'KILLED'));
      }),
      { numRuns: 500 },
    );
  });
});
