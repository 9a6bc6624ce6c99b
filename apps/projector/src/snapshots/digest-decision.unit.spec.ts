import { decodeMessage, TOPICS, TYPES, typeAllowedOn, validateData } from '#app/contract';
import type { SealedSnapshot } from '#app/log';
import { READ_MODEL_TABLES, type TableDigests } from '#app/read-models';
import { digestDecision } from './digest-decision.js';

const sealed: SealedSnapshot = {
  name: 'october-2018',
  position: 7503,
  sealedAt: '2018-11-01T00:00:00.000Z',
  eventId: '01a20a77-08d6-746e-95b0-ad938200b170',
  actor: 'steward:Layla',
  projection: 1,
  digests: null,
};
const tables = Object.fromEntries(READ_MODEL_TABLES.map((table, n) => [table, String(n).repeat(64)])) as TableDigests;

describe('the decision with the digests of a snapshot', () => {
  it('is one that ingest takes', () => {
    const { message } = digestDecision(sealed, { projection: 2, tables });
    const decoded = decodeMessage({
      key: null,
      value: Buffer.from(message.value as string),
      headers: message.headers ?? {},
    });
    if (decoded.kind === 'unreadable') throw new Error(JSON.stringify(decoded.problems));
    expect(typeAllowedOn(TOPICS.DECISIONS, decoded.cloudEvent.type)).toBe(true);
    expect(validateData(TYPES.DECISION, decoded.data)).toEqual([]);
    expect(decoded.data).toMatchObject({ name: 'october-2018', digests: { position: 7503, projection: 2, tables } });
  });

  it('is the same to the byte for the same figures, and another for another projection', () => {
    const made = digestDecision(sealed, { projection: 2, tables });
    expect(digestDecision({ ...sealed }, { projection: 2, tables: { ...tables } })).toEqual(made);
    expect(digestDecision(sealed, { projection: 3, tables }).identity).not.toBe(made.identity);
  });
});
