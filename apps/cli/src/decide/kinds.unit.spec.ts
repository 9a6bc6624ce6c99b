import { DECISION_KINDS, TYPES, validateData } from '#app/contract';
import { decisionMessage } from './decision-message.js';
import { type Given, KIND_COMMANDS } from './kinds.js';

const ID = '0190163d-8694-739b-aea5-966c26f8ad91';
const NAME = 'https://desk.example|a|b';
const REF = { source: 'https://desk.example', ref: 'a|b' };

const TOLD: [command: string, given: Given, members: Record<string, unknown>][] = [
  ['merge', { survivor: NAME, absorbed: [ID, NAME] }, { survivor: REF, absorbed: [ID, REF] }],
  ['unmerge', { event: ID }, { event: ID }],
  ['split', { incident: ID, report: ['r'], into: NAME }, { incident: ID, reports: ['r'], into: REF }],
  [
    'split',
    { incident: ID, report: ['r'], reportSource: 'urn:p', into: ID },
    { incident: ID, reports: [{ source: 'urn:p', reportId: 'r' }], into: ID },
  ],
  ['verify', { incident: ID, grade: 'NONE', grounds: 'g' }, { incident: ID, grade: null, grounds: 'g' }],
  [
    'reclassify',
    { incident: ID, weapon: ['IED/VBIED', 'FIREARM'], target: ['MARKET'], perpetrator: ['IS'] },
    {
      incident: ID,
      weapons: [{ type: 'IED', delivery: 'VBIED' }, { type: 'FIREARM' }],
      targets: ['MARKET'],
      perpetrators: ['IS'],
    },
  ],
  ['reclassify', { incident: ID, reset: true }, { incident: ID, classification: null }],
  [
    'redate',
    { incident: ID, start: '2018-10-23', precision: 'DAY' },
    { incident: ID, occurred: { start: '2018-10-23', end: '2018-10-23', precision: 'DAY' } },
  ],
  ['redate', { incident: ID, reset: true }, { incident: ID, occurred: null }],
  [
    'relocate',
    { incident: ID, country: 'IQ', admin: ['COD-AB:IQG15Q05'], lat: '36.3', lon: '43.1', precision: 'SETTLEMENT' },
    {
      incident: ID,
      place: {
        country: 'IQ',
        admin: [{ authority: 'COD-AB', code: 'IQG15Q05' }],
        latitude: 36.3,
        longitude: 43.1,
        precision: 'SETTLEMENT',
      },
    },
  ],
  ['relocate', { incident: ID, reset: true }, { incident: ID, place: null }],
  ['retract', { incident: NAME }, { incident: REF }],
  ['reinstate', { incident: ID }, { incident: ID }],
  ['reject-duplicate', { a: ID, b: NAME }, { a: ID, b: REF }],
  ['activate-policy', { policy: '1' }, { policy: { name: '1' } }],
  ['activate-boundary-set', { name: 'cod-ab' }, { name: 'cod-ab' }],
  [
    'erase',
    { authority: 'law', report: 'r', reportSource: 'urn:p', path: [''] },
    { authority: 'law', reportId: 'r', source: 'urn:p', paths: [''] },
  ],
];

it.each(TOLD)('ledger decide %s %j', (command, given, expected) => {
  const { kind, members } = KIND_COMMANDS[command]!;
  const decision = JSON.parse(JSON.stringify({ kind, reason: 'r', by: 's', ...members(given) })) as object;
  expect(decision).toEqual({ kind, reason: 'r', by: 's', ...expected });
  expect(validateData(TYPES.DECISION, decision)).toEqual([]);
});

it('has a sub-command for every kind that no other command sends', () => {
  const elsewhere = ['REQUEUE', 'DISCARD', 'SEAL_SNAPSHOT'];
  const own = Object.values(KIND_COMMANDS).map(({ kind }) => kind);
  expect([...own, ...elsewhere].toSorted()).toEqual(DECISION_KINDS.toSorted());
});

describe('a decision from a file', () => {
  const data = { kind: 'RETRACT', incident: { source: 'urn:p', ref: 'a' }, reason: 'r', by: 's' };
  const read = (value: unknown): ReturnType<typeof decisionMessage> =>
    decisionMessage(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), 'urn:cli');

  it('gets an envelope, or keeps its own', () => {
    expect(read(data)).toMatchObject({ kind: 'message', source: 'urn:cli', key: 'urn:cli|a' });
    const event = { specversion: '1.0', id: 'd-1', source: 'urn:desk', type: TYPES.DECISION, data };
    expect(read(event)).toMatchObject({ id: 'd-1', source: 'urn:desk', key: 'urn:desk|a' });
  });

  it.each<[string, unknown, string]>([
    ['what is not JSON', '{', 'NOT_JSON'],
    ['a member twice', '{"kind":"RETRACT","kind":"MERGE"}', 'DUPLICATE_MEMBER'],
    [
      'another message',
      { specversion: '1.0', id: 'r', source: 'urn:p', type: TYPES.REPORT, data },
      'TYPE_NOT_ALLOWED_ON_TOPIC',
    ],
    ['what its kind does not have', { ...data, name: 'x' }, 'NOT_OF_THIS_KIND'],
  ])('is not sent when it is %s', (_title, value, code) => {
    expect(read(value)).toMatchObject({ kind: 'invalid', problems: [{ code }] });
  });
});
