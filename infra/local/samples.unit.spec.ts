import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { decodeMessage, validateData } from '#app/contract';
import { sampleFiles, sampleMessages } from './samples.js';

const HEADERS = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
const lines = sampleFiles().flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'));

test('every sample is a message as the contract wants it', () => {
  for (const line of lines) {
    const decoded = decodeMessage({ key: null, value: Buffer.from(line), headers: HEADERS });
    expect(decoded).toMatchObject({ kind: 'event' });
    if (decoded.kind !== 'event') continue;
    expect(validateData(decoded.cloudEvent.type, decoded.data)).toEqual([]);
  }
});

test('no two samples have the same identity, and all are of one publisher', () => {
  const messages = sampleFiles().flatMap(sampleMessages);
  expect(new Set(messages.map(({ id }) => id)).size).toBe(lines.length);
  expect(new Set(messages.map(({ source }) => source)).size).toBe(1);
});
