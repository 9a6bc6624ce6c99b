import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TYPES, validateData } from '#app/contract';
import {
  ACTOR_ROLES,
  ACTOR_TYPES,
  AGES,
  GEO_PRECISIONS,
  INCIDENT_TYPES,
  MEASURES,
  QUALIFIERS,
  type Report,
  SEXES,
  SIDES,
  SOURCE_KINDS,
  TARGETS,
  TIME_PRECISIONS,
  VICTIM_ROLES,
  VICTIM_STATUSES,
  WEAPON_DELIVERIES,
  WEAPON_INITIATIONS,
  WEAPON_TYPES,
} from '#app/domain';
import { rebuild } from '#app/read-models';
import { randomOf, startProjection, type TestProjection } from '../support/incident-story.js';
import { projectAll } from '../support/project-all.js';
import { VariedStory } from '../support/varied-story.js';

/** A report that ingest accepts must never be one that PostgreSQL refuses: the projector would stand still for good. */

jest.setTimeout(60_000);

const MAX = 2_147_483_647;
/** Four bytes of UTF-8 each, chosen so that nothing compresses them away. */
const random = randomOf(3);
const long = (length: number): string =>
  Array.from({ length }, () => String.fromCodePoint(0x1_f300 + random(0x2_00))).join('');
/** The longest source that a CloudEvent may have. */
const SOURCE = `https://${long(504)}`;

const base = (reportId: string): Report => ({
  reportId,
  revision: 1,
  incident: { ref: reportId },
  publishedAt: '2018-11-09T06:00:00Z',
  source: { name: 'Outlet', kind: 'MEDIA_LOCAL' },
  occurred: { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' },
  place: { name: 'Mosul', country: 'IQ', admin: [{ code: 'IQ-NI', authority: 'ISO' }], precision: 'ADM1' },
  classification: { incidentType: 'IED_ATTACK' },
  casualties: [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo: 1, hi: 1 } }],
});

const at = (publishedAt: string): Report => ({ ...base(publishedAt), publishedAt });
const point = (latitude: number, longitude: number): Report => ({
  ...base(`${latitude},${longitude}`),
  place: { latitude, longitude, precision: 'EXACT_POINT' },
});
const most = { qualifier: 'BETWEEN', lo: MAX, hi: MAX, point: MAX } as const;

const EDGES: readonly (readonly [what: string, reports: readonly Report[]])[] = [
  [
    'times with every offset that RFC 3339 has',
    [
      at('1900-01-01T00:00:00-23:59'),
      at('1900-01-01T00:00:00+23:59'),
      at('2199-12-31T23:59:59.999999999-23:59'),
      at('2199-12-31T23:59:59+16:00'),
      at('2018-11-09T06:00:00.1Z'),
      at('2018-11-09T06:00:00-00:00'),
    ],
  ],
  [
    'the first and the last day',
    TIME_PRECISIONS.map((precision) => ({
      ...base(precision),
      occurred: { start: '1900-01-01', end: '2199-12-31', precision },
    })),
  ],
  ['the highest revision', [{ ...base('revision'), revision: MAX }]],
  [
    'the greatest counts, and the sums of many',
    [
      { ...base('one'), casualties: MEASURES.map((measure) => ({ measure, value: most })) },
      {
        ...base('all'),
        casualties: MEASURES.flatMap((measure) =>
          VICTIM_STATUSES.flatMap((status) =>
            VICTIM_ROLES.slice(0, 4).map((role) => ({ measure, status, role, value: most })),
          ),
        ).slice(0, 100),
      },
      {
        ...base('reversed'),
        casualties: [{ measure: 'KILLED', value: { qualifier: 'BETWEEN', lo: MAX, hi: 0, point: MAX } }],
      },
    ],
  ],
  [
    'coordinates at the ends of the earth, and the smallest numbers there are',
    [
      point(90, 180),
      point(-90, -180),
      point(-0, 0),
      point(Number.MIN_VALUE, -Number.MIN_VALUE),
      point(1e-7, 179.999_999_999_999_97),
    ],
  ],
  [
    'the longest texts',
    [
      {
        ...base(long(200)),
        incident: { ref: long(200) },
        source: {
          name: long(300),
          kind: 'MEDIA_LOCAL',
          attribution: long(500),
          relayedFrom: [{ name: long(300), kind: 'NGO' }],
        },
        place: { name: long(500), admin: [{ code: 'X'.repeat(64), name: long(200), authority: long(64), level: 5 }] },
        actors: Array.from({ length: 12 }, () => ({ name: long(300), role: 'PERPETRATOR' })),
      },
    ],
  ],
  [
    'texts that mean something to COPY, to arrays and to JSON',
    ['\\N', '\\.', '{}', '{"a",NULL}', 'NULL', "'; --", '"', '\\', '\u2028\u2029', '\u00e9\u0301 \u{10FFFF}'].map(
      (text) => ({
        ...base(text),
        source: { name: text, kind: 'NGO' as const },
        place: { name: text },
        actors: [{ name: text, role: 'PERPETRATOR' }],
      }),
    ),
  ],
  [
    'every word of the closed lists',
    [
      ...INCIDENT_TYPES.map((incidentType) => ({ ...base(`t-${incidentType}`), classification: { incidentType } })),
      ...GEO_PRECISIONS.map((precision) => ({ ...base(`p-${precision}`), place: { country: 'IQ', precision } })),
      ...SOURCE_KINDS.map((kind) => ({ ...base(`k-${kind}`), source: { name: kind, kind } })),
      ...WEAPON_TYPES.map((type, index) => ({
        ...base(`w-${type}`),
        classification: {
          incidentType: 'AIR_STRIKE' as const,
          weapons: [
            {
              type,
              delivery: WEAPON_DELIVERIES[index % WEAPON_DELIVERIES.length] as string,
              initiation: WEAPON_INITIATIONS[index % WEAPON_INITIATIONS.length] as string,
            },
          ],
          targets: [TARGETS[index % TARGETS.length] as string],
        },
      })),
      ...TARGETS.map((target) => ({
        ...base(`g-${target}`),
        classification: { incidentType: 'AIR_STRIKE' as const, targets: [target] },
      })),
      ...VICTIM_ROLES.map((role, index) => ({
        ...base(`r-${role}`),
        actors: [
          {
            name: role,
            type: ACTOR_TYPES[index % ACTOR_TYPES.length] as string,
            role: ACTOR_ROLES[index % ACTOR_ROLES.length] as string,
          },
        ],
        casualties: QUALIFIERS.flatMap((qualifier) =>
          MEASURES.map((measure) => ({
            measure,
            role,
            sex: SEXES[index % SEXES.length] as string,
            age: AGES[index % AGES.length] as string,
            side: SIDES[index % SIDES.length] as string,
            value: { qualifier, lo: 1, hi: 2, phrase: 'dozens' },
          })),
        ),
      })),
    ],
  ],
];

let projection: TestProjection;
beforeEach(async () => {
  projection = await startProjection();
});
afterEach(() => projection.close());

describe('the projector takes what ingest accepts', () => {
  it.each(EDGES)('%s', async (_, reports) => {
    for (const report of reports)
      expect([report.reportId, validateData(TYPES.REPORT, report)]).toEqual([report.reportId, []]);
    const story = new VariedStory(projection.log, random);
    await projection.log.append(reports.map((report) => story.report(SOURCE, report)));
    const { position } = await projectAll(projection.pool);
    expect(position).toBe(reports.length + 3);
    const { rows } = await projection.pool.query<{ ref: string }>(
      'SELECT ref FROM read_model.incident_version ORDER BY from_position',
    );
    expect(rows.map(({ ref }) => ref)).toEqual(reports.map(({ incident }) => incident.ref));
    expect(await rebuild({ pool: projection.pool })).toMatchObject({ position, differing: [] });
  });

  it('keeps the moment of a time with such an offset', async () => {
    const story = new VariedStory(projection.log, random);
    await projection.log.append([story.report(SOURCE, at('1900-01-01T00:00:00-23:59'))]);
    await projectAll(projection.pool);
    const { rows } = await projection.pool.query('SELECT published_at, source FROM read_model.report');
    expect(rows).toEqual([{ published_at: new Date('1900-01-01T23:59:00Z'), source: SOURCE }]);
  });
});
