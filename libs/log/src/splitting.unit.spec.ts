import { describe, expect, it } from '@jest/globals';
import { createHmac, createSecretKey } from 'node:crypto';
import type { Report } from '#app/domain';
import { splitReason, splitReport } from './splitting.js';

const key = createSecretKey(Buffer.alloc(32, 5));
const pseudonym = (kind: string, name: string) =>
  `pseudonym:${createHmac('sha256', key)
    .update(JSON.stringify([kind, name]))
    .digest('base64url')}`;

const plain: Report = {
  reportId: 'r',
  revision: 1,
  incident: { ref: 'i' },
  publishedAt: '2018-11-09T06:00:00Z',
  source: { name: 'Kurdistan 24', kind: 'MEDIA_NATIONAL', attribution: 'K24' },
  occurred: { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' },
  place: { country: 'IQ' },
  classification: { incidentType: 'IED_ATTACK' },
};

describe('splitReport', () => {
  it('embeds a report without committed values as it is', () => {
    expect(splitReport(plain, key)).toEqual({ public: plain, committed: new Map(), subjects: new Map() });
  });

  it('commits to nothing where nothing is said', () => {
    const report: Report = {
      ...plain,
      source: { ...plain.source, url: null, archiveUrl: null, documentId: null, relayedFrom: [] },
      summary: null,
      tags: [],
      confidential: { notes: null, victims: [] },
    };
    const { public: result, committed } = splitReport(report, key);
    expect(committed.size).toBe(0);
    expect(result).toEqual({ ...plain, source: { ...plain.source, relayedFrom: [] } });
  });

  it('commits to one value per erasable unit, and names the subjects of victims', () => {
    const report: Report = {
      ...plain,
      source: { ...plain.source, url: 'u', archiveUrl: 'a', documentId: 'd' },
      summary: 's',
      tags: ['t0', 't1'],
      confidential: {
        exactLocation: { latitude: 1, longitude: 2 },
        sourceContact: 'c',
        victims: [{ subjectRef: 'p1', name: 'n' }, { subjectRef: 'p2' }],
      },
    };
    const { public: result, committed, subjects } = splitReport(report, key);
    expect(result).toEqual(plain);
    expect(Object.fromEntries(committed)).toEqual({
      '/summary': 's',
      '/tags/0': 't0',
      '/tags/1': 't1',
      '/source/url': 'u',
      '/source/archiveUrl': 'a',
      '/source/documentId': 'd',
      '/confidential/exactLocation': { latitude: 1, longitude: 2 },
      '/confidential/sourceContact': 'c',
      '/confidential/victims/0': { subjectRef: 'p1', name: 'n' },
      '/confidential/victims/1': { subjectRef: 'p2' },
    });
    expect(Object.fromEntries(subjects)).toEqual({ '/confidential/victims/0': 'p1', '/confidential/victims/1': 'p2' });
  });

  it.each(['WITNESS', 'SOCIAL', 'PARTNER_CONFIDENTIAL'] as const)('puts pseudonyms for every name of a %s', (kind) => {
    const by = { name: 'Somebody', kind };
    const other = { name: 'KDP', kind: 'POLITICAL_PARTY' as const };
    const report: Report = {
      ...plain,
      source: { ...by, attribution: 'by Somebody', relayedFrom: [other, by] },
      classification: {
        incidentType: 'IED_ATTACK',
        weapons: [
          { type: 'IED', by: other },
          { type: 'MINE', by },
        ],
      },
      actors: [{ name: 'Islamic State', by }],
      casualties: [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo: 1, hi: 1 }, by }],
    };
    const before = structuredClone(report);
    const { public: result, committed } = splitReport(report, key);
    const hidden = { kind, name: pseudonym(kind, 'Somebody') };
    expect(report).toEqual(before);
    expect(result.source).toEqual({ ...hidden, relayedFrom: [other, hidden] });
    expect(result.classification.weapons).toEqual([
      { type: 'IED', by: other },
      { type: 'MINE', by: hidden },
    ]);
    expect(result.actors).toEqual([{ name: 'Islamic State', by: hidden }]);
    expect(result.casualties![0]!.by).toEqual(hidden);
    expect(Object.fromEntries(committed)).toEqual({
      '/source/name': 'Somebody',
      '/source/attribution': 'by Somebody',
      '/source/relayedFrom/1/name': 'Somebody',
      '/classification/weapons/1/by/name': 'Somebody',
      '/actors/0/by/name': 'Somebody',
      '/casualties/0/by/name': 'Somebody',
    });
    expect(JSON.stringify(result)).not.toContain('Somebody');
  });

  it('commits the attribution when only who it was relayed from is protected', () => {
    const relayedFrom = [{ name: 'Mosul Eye', kind: 'SOCIAL' as const }];
    const { public: result, committed } = splitReport({ ...plain, source: { ...plain.source, relayedFrom } }, key);
    expect(result.source).not.toHaveProperty('attribution');
    expect(committed.get('/source/attribution')).toBe('K24');
  });
});

describe('splitReason', () => {
  it('commits the free text of a withdrawal or a decision', () => {
    expect(splitReason({ reportId: 'r', reason: 'a name' })).toEqual({
      public: { reportId: 'r' },
      committed: new Map([['/reason', 'a name']]),
    });
    const silent: { reportId: string; reason?: string } = { reportId: 'r' };
    expect(splitReason(silent).committed.size).toBe(0);
  });
});
