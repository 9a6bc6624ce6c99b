import { describe, expect, it } from '@jest/globals';
import { CopyRows } from './copy-rows.js';

const HEADER = Buffer.concat([Buffer.from('5047434f50590aff0d0a00', 'hex'), Buffer.alloc(8)]);
const TRAILER = Buffer.from('ffff', 'hex');

function rowOf(from: number, lengths: readonly number[], text: string): Buffer {
  const columns = [bigint(from), integers(lengths), Buffer.from(text)];
  return Buffer.concat([Buffer.from([0, 3]), ...columns.flatMap((bytes) => [int32(bytes.length), bytes])]);
}

const EMPTY_ROW = Buffer.concat([Buffer.from([0, 3]), int32(8), bigint(7), int32(-1), int32(-1)]);

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function bigint(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

/** integer[] as PostgreSQL sends it: one dimension, no NULL, of type 23, from 1 on. */
function integers(values: readonly number[]): Buffer {
  return Buffer.concat([1, 0, 23, values.length, 1, ...values.flatMap((value) => [4, value])].map(int32));
}

/** What stands behind the two bytes of room. */
function textOf(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces).subarray(2).toString();
}

describe('the rows of a binary copy', () => {
  const expected = [
    { from: 2 ** 40, lengths: [2, 9, 0], text: 'no  {"v": 1}  ' },
    { from: 2 ** 40 + 3, lengths: [40_000], text: 'Kéyêbî '.repeat(4000) },
    { from: 7, lengths: [], text: '' },
  ];
  const rowsOfFirst = expected.slice(0, 2).map(({ from, lengths, text }) => rowOf(from, lengths, text));
  const bytes = Buffer.concat([HEADER, ...rowsOfFirst, EMPTY_ROW, TRAILER]);

  it('are the same wherever the stream is cut', () => {
    for (const length of [1, 2, 3, 5, 7, 11, 19, 30, 64, 100, 1000, 40_000, bytes.length]) {
      const rows = new CopyRows();
      const read = [];
      for (let start = 0; start < bytes.length; start += length)
        read.push(...rows.read(bytes.subarray(start, start + length)));
      rows.end();
      expect(read.map(({ pieces, ...row }) => ({ ...row, text: textOf(pieces) }))).toEqual(expected);
    }
  });

  it('are not all there when the stream ends early', () => {
    for (const length of [0, 5, HEADER.length, HEADER.length + 10, bytes.length - 1]) {
      const rows = new CopyRows();
      rows.read(bytes.subarray(0, length));
      expect(() => rows.end()).toThrow('ended within a row');
    }
  });

  it('are not read out of another format', () => {
    expect(() => new CopyRows().read(Buffer.from('0\t{"v":1}\n1\t{"v":1}\n'))).toThrow('unknown format');
    const oneIsNull = Buffer.concat([1, 1, 23, 2, 1, 4, 1, -1].map(int32));
    const row = [
      Buffer.from([0, 3]),
      int32(8),
      bigint(0),
      int32(oneIsNull.length),
      oneIsNull,
      int32(1),
      Buffer.from('a'),
    ];
    expect(() => new CopyRows().read(Buffer.concat([HEADER, ...row]))).toThrow('a leaf is NULL');
  });
});
