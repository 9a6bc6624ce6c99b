import { describe, expect, it } from '@jest/globals';
import { CopyRows } from './copy-rows.js';

const HEADER = Buffer.concat([Buffer.from('5047434f50590aff0d0a00', 'hex'), Buffer.alloc(8)]);
const TRAILER = Buffer.from('ffff', 'hex');

function rowOf(position: number, leaf: string): Buffer {
  const bytes = Buffer.alloc(18);
  bytes.writeInt16BE(2, 0);
  bytes.writeInt32BE(8, 2);
  bytes.writeBigInt64BE(BigInt(position), 6);
  bytes.writeInt32BE(Buffer.byteLength(leaf), 14);
  return Buffer.concat([bytes, Buffer.from(leaf)]);
}

describe('the rows of a binary copy', () => {
  const leaves = ['', 'mosul', 'Kéyêbî '.repeat(3), '{"v":1}'];
  const bytes = Buffer.concat([HEADER, ...leaves.map((leaf, index) => rowOf(2 ** 40 + index, leaf)), TRAILER]);

  it('are the same wherever the stream is cut', () => {
    for (let length = 1; length <= bytes.length; length += 1) {
      const rows = new CopyRows();
      const read = [];
      for (let start = 0; start < bytes.length; start += length)
        read.push(...rows.read(bytes.subarray(start, start + length)));
      rows.end();
      expect(read.map(({ position, leaf }) => [position, leaf.toString()])).toEqual(
        leaves.map((leaf, index) => [2 ** 40 + index, leaf]),
      );
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
  });
});
