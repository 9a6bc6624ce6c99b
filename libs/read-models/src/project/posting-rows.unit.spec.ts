import { describe, expect, it } from '@jest/globals';
import type { Posting } from '#app/domain';
import { PostingRows } from './posting-rows.js';

const HEADER_BYTES = 19;
const UUID_BYTES = 16;

/** What a server reads: each field as a number, an id in hex, or null. */
function fieldsOf(bytes: Buffer): (bigint | string | null)[][] {
  expect(bytes.subarray(0, 11)).toEqual(Buffer.from('PGCOPY\n\xFF\r\n\0', 'latin1'));
  const rows: (bigint | string | null)[][] = [];
  let at = HEADER_BYTES;
  for (let columns = bytes.readInt16BE(at); columns !== -1; columns = bytes.readInt16BE(at)) {
    at += 2;
    rows.push(
      Array.from({ length: columns }, () => {
        const length = bytes.readInt32BE(at);
        const start = at + 4;
        at = start + Math.max(length, 0);
        if (length === UUID_BYTES) return bytes.toString('hex', start, at);
        if (length === 8) return bytes.readBigInt64BE(start);
        return length === -1 ? null : BigInt(bytes.readInt32BE(start));
      }),
    );
  }
  expect(at + 2).toBe(bytes.length);
  return rows;
}

const CELL = { region: -3, area: 4, publisher: 5, class: -6 };
const INCIDENT = '0123abcd-4567-89ef-0123-456789abcdef';

function posting(amounts: Partial<Posting>): Posting {
  return {
    position: 5_000_000_000,
    incidentId: INCIDENT,
    ...{ publisher: '', boundary: '', country: '', admin1: '', admin2: '', incidentType: '', verification: '' },
    ...{ month: '1999-12-01', startDate: '1999-12-31', measure: '', part: '' },
    ...{ dIncidents: 0, dLo: 0, dHi: 0, dOpen: 0, dUnknown: 0, dConservative: 0, dMedian: 0, dMax: 0, dLatest: 0 },
    ...{ dValued: 0, dBest: 0, dBestValued: 0 },
    ...amounts,
  };
}

const SHARED = [5_000_000_000n, INCIDENT.replaceAll('-', ''), -31n, -1n, -3n, 4n, 5n, -6n];

describe('postings as COPY takes them', () => {
  it('hold what changes, of either sign and beyond 32 bits, and NULL where nothing does', () => {
    const rows = new PostingRows();
    rows.add(posting({ dIncidents: 1, dLo: -7, dHi: 2 ** 40 + 1, dBest: -(2 ** 40) - 1, dBestValued: -1 }), CELL, 9);
    rows.add(posting({ dOpen: 1 }), CELL, -10);
    expect(rows.count).toBe(2);
    expect(fieldsOf(rows.bytes)).toEqual([
      [...SHARED, 9n, 1n, null, null, null, -1n, -7n, 2n ** 40n + 1n, null, null, null, null, -(2n ** 40n) - 1n],
      [...SHARED, -10n, null, 1n, ...Array.from({ length: 10 }, () => null)],
    ]);
  });

  it('take nothing of the row before that is not theirs', () => {
    const rows = new PostingRows();
    rows.add(posting({ dLo: 1 }), CELL, 1);
    rows.add(posting({ dLo: 1, startDate: '2000-01-01', month: '2000-01-01' }), CELL, 1);
    rows.add(posting({ dLo: 1, position: 5_000_000_001 }), CELL, 1);
    rows.add(posting({ dLo: 1, position: 5_000_000_001 }), { ...CELL, area: 8 }, 1);
    expect(fieldsOf(rows.bytes).map(([position, , month, start, , area]) => [position, month, start, area])).toEqual([
      [5_000_000_000n, -31n, -1n, 4n],
      [5_000_000_000n, 0n, 0n, 4n],
      [5_000_000_001n, -31n, -1n, 4n],
      [5_000_000_001n, -31n, -1n, 8n],
    ]);
  });

  it('refuse what is no date and no id', () => {
    expect(() => new PostingRows().add(posting({ startDate: 'soon' }), CELL, 1)).toThrow('not a date');
    expect(() => new PostingRows().add(posting({ incidentId: INCIDENT.toUpperCase() }), CELL, 1)).toThrow('not an id');
    expect(() => new PostingRows().add(posting({ incidentId: 'abcd' }), CELL, 1)).toThrow('not an id');
  });
});
