import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { decodeBundle, encodeBundle, leafHash, NoteSigner, rootOf, splitHashes } from '#app/transparency';
import type { WrittenLog } from './written-log.js';

/** Something that somebody does to a log on disk. */
export interface Damage {
  what: string;
  /** @param log of 257 leaves, in a folder of its own */
  apply: (log: WrittenLog) => void;
}

/** Of 257 leaves: a full and a partial bundle, the same of hashes, and a tile above them. */
const FILES = ['tile/entries/000', 'tile/entries/001.p/1', 'tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1'];

export const DAMAGES: readonly Damage[] = [
  ...FILES.map((file) => ({ what: `one bit of ${file} turned`, apply: edit(file, turnOneBit) })),
  ...FILES.map((file) => ({ what: `${file} one byte short`, apply: edit(file, (bytes) => bytes.subarray(0, -1)) })),
  ...FILES.map((file) => ({ what: `${file} gone`, apply: (log: WrittenLog) => rmSync(path.join(log.at, file)) })),
  { what: 'two leaves swapped, and their hashes with them', apply: swapLeaves },
  { what: 'a leaf replaced, and every tile made to fit', apply: replaceLeaf },
  { what: 'one bit of the root turned', apply: editLine(2, (root) => turnedBase64(root)) },
  { what: 'another size in the checkpoint', apply: editLine(1, () => '256') },
  { what: 'another origin in the checkpoint', apply: editLine(0, (origin) => `${origin}2`) },
  { what: 'one bit of the signature turned', apply: editLine(4, turnSignature) },
  { what: 'a checkpoint that another key of the same name signed', apply: signByAnother },
  { what: 'a checkpoint without its signature', apply: editLine(4, () => '') },
];

function edit(file: string, change: (bytes: Buffer) => Buffer) {
  return ({ at }: WrittenLog): void => {
    const name = path.join(at, file);
    writeFileSync(name, change(readFileSync(name)));
  };
}

function editLine(index: number, change: (line: string) => string): (log: WrittenLog) => void {
  return edit('checkpoint', (bytes) => {
    const lines = bytes.toString().split('\n');
    lines[index] = change(lines[index] as string);
    return Buffer.from(lines.join('\n'));
  });
}

/** In the middle, where it is content and not a length. */
function turnOneBit(bytes: Buffer): Buffer {
  const turned = Buffer.from(bytes);
  turned.writeUInt8(turned.readUInt8(turned.length >> 1) ^ 1, turned.length >> 1);
  return turned;
}

function turnedBase64(text: string): string {
  return turnOneBit(Buffer.from(text, 'base64')).toString('base64');
}

function turnSignature(line: string): string {
  const words = line.split(' ');
  return [...words.slice(0, -1), turnedBase64(words.at(-1) as string)].join(' ');
}

function signByAnother(log: WrittenLog): void {
  const other = NoteSigner.generate(log.signer.verifier.name, 'LOG');
  writeFileSync(path.join(log.at, 'checkpoint'), log.sign(log.edge.size, log.edge.root(), other));
}

function swapLeaves(log: WrittenLog): void {
  edit('tile/entries/000', (bytes) => {
    const leaves = decodeBundle(bytes, 256);
    [leaves[10], leaves[11]] = [leaves[11] as Buffer, leaves[10] as Buffer];
    return encodeBundle(leaves);
  })(log);
  edit('tile/0/000', (bytes) => {
    const hashes = splitHashes(bytes);
    [hashes[10], hashes[11]] = [hashes[11] as Buffer, hashes[10] as Buffer];
    return Buffer.concat(hashes);
  })(log);
}

/** All that one can do who has the disk and not the key: only the signed root tells. */
function replaceLeaf(log: WrittenLog): void {
  const replaced = Buffer.from('{"position":10,"recordedAt":"2018-11-09T07:00:00.000Z"}');
  edit('tile/entries/000', (bytes) => {
    const leaves = decodeBundle(bytes, 256);
    leaves[10] = replaced;
    return encodeBundle(leaves);
  })(log);
  edit('tile/0/000', (bytes) => {
    const hashes = splitHashes(bytes);
    hashes[10] = leafHash(replaced);
    writeFileSync(path.join(log.at, 'tile/1/000.p/1'), rootOf(hashes));
    return Buffer.concat(hashes);
  })(log);
}
