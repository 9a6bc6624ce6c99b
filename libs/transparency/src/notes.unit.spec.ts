import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatAddCheckpoint, parseAddCheckpoint } from './add-checkpoint.js';
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from './checkpoint.js';
import { decodeBundle, encodeBundle, frameEntries } from './entry-bundle.js';
import { MalformedError } from './errors.js';
import { leafHash, leafHashes } from './hashing.js';
import { createKeyFile, readKeyFile } from './key-file.js';
import { formatVerifierKey, NoteSigner, parseVerifierKey, verifySignature } from './keys.js';
import { parsePolicy, witnessedBy } from './policy.js';
import { TreeProver } from './proofs.js';
import { formatNote, parseNote } from './signed-note.js';
import { formatProof, parseProof, verifyProof } from './tlog-proof.js';

const NOW = new Date('2026-11-24T00:00:00.900Z');
const ORIGIN = 'ledger.example/log';
const log = NoteSigner.generate(ORIGIN, 'LOG');
const w1 = NoteSigner.generate('witness.example/1', 'WITNESS');
const w2 = NoteSigner.generate('witness.example/2', 'WITNESS');
const logKey = log.verifier;

const leaves = [Buffer.from('a'), Buffer.from('b'), Buffer.from('c')];
const hashes = leaves.map(leafHash);
const prover = new TreeProver(3, async () => Buffer.concat(hashes));
const checkpointText = async (): Promise<string> =>
  formatCheckpoint({ origin: ORIGIN, size: 3, root: await prover.root() });
const signedBy = async (...signers: NoteSigner[]): Promise<string> => {
  const text = await checkpointText();
  return formatNote({ text, signatures: signers.map((signer) => signer.sign(text, NOW)) });
};

describe('a signed note', () => {
  const VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  const NOTE =
    'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

  it('of the specification verifies, and is written as it was read', () => {
    const key = parseVerifierKey(VKEY);
    const note = parseNote(NOTE);
    expect(formatVerifierKey(key)).toBe(VKEY);
    expect(formatNote(note)).toBe(NOTE);
    const [signature] = note.signatures;
    expect(signature).toMatchObject({ name: 'example.com/foo', keyId: '530d903a' });
    expect(verifySignature(key, note.text, signature?.signature as Buffer)).toEqual({ time: null });
    expect(verifySignature(key, `${note.text}!`, signature?.signature as Buffer)).toBeNull();
  });

  it.each([
    ['without signatures', 'text\n'],
    ['without an end', NOTE.slice(0, -1)],
    ['with a carriage return', NOTE.replace('message.\n', 'message.\r\n')],
    ['with a hyphen for the dash', NOTE.replace('—', '-')],
    ['with base64 that is not standard', NOTE.replace('IneyaQM=', 'IneyaQM')],
    ['with bytes that are no UTF-8', Buffer.concat([Buffer.of(0xff), Buffer.from(NOTE)])],
  ])('%s is refused', (_, note) => expect(() => parseNote(note)).toThrow(/note/));

  it.each([
    VKEY.replace('530d903a', '530d903b'),
    VKEY.replace('example.com/foo', 'example.com/bar'),
    VKEY.replace('+AekyeRrm', '+DukyeRrm'),
    'example.com/foo',
  ])('is not verified with the key %s', (vkey) => expect(() => parseVerifierKey(vkey)).toThrow(MalformedError));
});

describe('a checkpoint', () => {
  it('is opened with the key of its log', async () => {
    const { checkpoint } = openCheckpoint(await signedBy(w1, log), [logKey]);
    expect(checkpoint).toEqual({ origin: ORIGIN, size: 3, root: await prover.root() });
  });

  it('is refused without it, with another one, and when it was changed', async () => {
    const other = NoteSigner.generate(ORIGIN, 'LOG').verifier;
    const note = await signedBy(log);
    expect(() => openCheckpoint(note, [other])).toThrow(/not signed by a known key/);
    expect(() => openCheckpoint(note, [w1.verifier])).toThrow(/no key is known/);
    expect(() => openCheckpoint(note.replace('\n3\n', '\n4\n'), [logKey])).toThrow(/does not verify/);
  });

  it.each(['x\n03\nAA==\n', 'x\n3\nAA==\n', '\n3\nAA==\n', 'x\n3\n', 'x\n99999999999999999999\nAA==\n'])(
    'is not %j',
    (text) => expect(() => parseCheckpoint(text)).toThrow(/checkpoint/),
  );

  it('may have further lines', () => {
    const root = hashes[0]?.toString('base64');
    expect(parseCheckpoint(`x\n3\n${root}\nmore\n`).size).toBe(3);
    expect(() => parseCheckpoint(`x\n3\n${root}\n\n`)).toThrow(MalformedError);
  });
});

describe('a policy', () => {
  const vkeys = [w1, w2].map(({ verifier }) => formatVerifierKey(verifier));
  const text = `# ours\nlog ${formatVerifierKey(logKey)} https://${ORIGIN}\n\twitness one ${vkeys[0]} https://w1.example\nwitness two ${vkeys[1]}\n`;

  it.each([
    ['quorum none', [], true],
    ['quorum two', ['one'], false],
    ['group both all one two\nquorum both', ['one'], false],
    ['group both all one two\nquorum both', ['one', 'two'], true],
    ['group either any one two\nquorum either', ['two'], true],
    ['group outer 1 one\ngroup all 2 outer two\nquorum all', ['one', 'two'], true],
  ])('%s with %j: %s', async (lines, names, isQuorum) => {
    const policy = parsePolicy(`${text}${lines}\n`);
    const signers = [log, w1, w2].filter(({ verifier }) =>
      names.some((name) => verifier.name.endsWith(name === 'one' ? '1' : '2')),
    );
    const { note } = openCheckpoint(await signedBy(log, ...signers), [logKey]);
    const answer = witnessedBy(policy, note);
    expect(answer.isQuorum).toBe(isQuorum);
    expect(answer.cosigned.map(({ witness }) => witness.name)).toEqual(names);
    for (const { time } of answer.cosigned) expect(time).toEqual(new Date('2026-11-24T00:00:00Z'));
  });

  it('may name a witness whose signatures cannot be checked here: it counts as one that has not signed', async () => {
    const publicKey = Buffer.alloc(1312, 9);
    const name = 'witness.example/ml-dsa';
    const typed = Buffer.concat([Buffer.of(6), publicKey]);
    const keyId = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed])).slice(0, 8);
    const vkey = `${name}+${keyId}+${typed.toString('base64')}`;
    expect(formatVerifierKey(parseVerifierKey(vkey))).toBe(vkey);
    const lines = `${text}witness three ${vkey} https://w3.example\ngroup g 2 one two three\nquorum `;
    const { note } = openCheckpoint(await signedBy(log, w1, w2), [logKey]);
    const theirs = { name, keyId, signature: Buffer.alloc(8 + 2420) };
    for (const [quorum, signatures, isQuorum] of [
      ['g', note.signatures, true],
      ['g', [note.signatures[1]!, theirs], false],
      ['three', [...note.signatures, theirs], false],
    ] as const) {
      expect(witnessedBy(parsePolicy(`${lines}${quorum}\n`), { ...note, signatures: [...signatures] }).isQuorum).toBe(
        isQuorum,
      );
    }
    expect(() => parsePolicy(`log ${vkey}\nquorum none\n`)).toThrow('not one of a log');
    expect(() => NoteSigner.parse(`PRIVATE+KEY+${vkey}`)).toThrow('not an Ed25519 key');
    expect(() => parsePolicy(`witness w ${name}+${keyId}+${Buffer.of(6, 1).toString('base64')}\nquorum w\n`)).toThrow(
      /line 1.*ML-DSA-44/,
    );
  });

  it('does not count a cosignature of another time', async () => {
    const policy = parsePolicy(`${text}quorum one\n`);
    const note = parseNote(await signedBy(log, w1));
    const [, cosignature] = note.signatures;
    cosignature?.signature.writeBigUInt64BE(1n);
    expect(witnessedBy(policy, note)).toEqual({ cosigned: [], isQuorum: false });
  });

  it.each([
    ['', /no quorum/],
    ['quorum three', /line 5.*three is not defined/],
    ['quorum one\nquorum two', /quorum already/],
    ['group g 3 one two\nquorum g', /number from 1 to 2/],
    ['group g all one one\nquorum g', /in a group already/],
    ['group one all two\nquorum one', /taken/],
    [`witness three ${vkeys[0]}\nquorum none`, /twice/],
    [`witness three ${formatVerifierKey(logKey)}\nquorum none`, /not one of a witness/],
    ['witnes three', /not log, witness/],
  ])('is refused with %j', (lines, message) => expect(() => parsePolicy(`${text}${lines}\n`)).toThrow(message));
});

describe('a proof', () => {
  const policy = parsePolicy(
    `log ${formatVerifierKey(logKey)}\nwitness w ${formatVerifierKey(w1.verifier)}\nquorum w\n`,
  );
  const proofOf = async (index: number, ...signers: NoteSigner[]): Promise<string> =>
    formatProof({
      index,
      path: await prover.inclusion(index),
      extra: leaves[index] as Buffer,
      checkpoint: await signedBy(...signers),
    });

  it('is read as it was written, and shows its leaf', async () => {
    for (const index of [0, 1, 2]) {
      const text = await proofOf(index, log, w1);
      expect(formatProof(parseProof(text))).toBe(text);
      expect(verifyProof(parseProof(text), policy)).toMatchObject({
        index,
        leaf: leaves[index],
        checkpoint: { size: 3 },
      });
    }
  });

  it('is refused without the quorum, for another leaf, and at another place', async () => {
    const proof = parseProof(await proofOf(1, log, w1));
    expect(() => verifyProof(proof, policy, Buffer.from('x'))).toThrow(/not entry 1/);
    expect(() => verifyProof({ ...proof, index: 0 }, policy)).toThrow(/not entry 0/);
    expect(() => verifyProof({ ...proof, extra: null }, policy)).toThrow(/does not carry the leaf/);
    const alone = parseProof(await proofOf(1, log));
    expect(() => verifyProof(alone, policy)).toThrow(/quorum/);
  });

  it.each([
    '',
    'c2sp.org/tlog-proof@v2\nindex 0\n\n',
    'c2sp.org/tlog-proof@v1\nindex 00\n\n',
    'c2sp.org/tlog-proof@v1\nindex 0\nAA==\n\n',
    'c2sp.org/tlog-proof@v1\nextra *\nindex 0\n\n',
  ])('is not %j', (text) => expect(() => parseProof(text)).toThrow(/proof/));

  it('of consistency goes to a witness', () => {
    const body = { oldSize: 2, proof: hashes, checkpoint: 'x\n' };
    expect(parseAddCheckpoint(formatAddCheckpoint(body))).toEqual(body);
    for (const wrong of ['old 02\n\nx', 'old 2\nAA==\n\nx', 'old 2\n', 'new 2\n\nx']) {
      expect(() => parseAddCheckpoint(wrong)).toThrow(MalformedError);
    }
  });
});

describe('an entry bundle', () => {
  it('holds its entries and no more', () => {
    const entries = [Buffer.from('é'), Buffer.alloc(0), Buffer.alloc(65_535, 7)];
    const bundle = encodeBundle(entries);
    expect(decodeBundle(bundle, 3)).toEqual(entries);
    expect(() => decodeBundle(bundle, 2)).toThrow(/3 entries, not 2/);
    expect(() => decodeBundle(bundle.subarray(0, -1), 3)).toThrow(/ends within/);
    expect(() => decodeBundle(Buffer.concat([bundle, Buffer.of(0)]), 3)).toThrow(/ends within/);
  });

  it('is made in place of entries that have room before them, and gives their hashes', () => {
    const entries = [Buffer.from('é'), Buffer.alloc(0), Buffer.alloc(65_535, 7)];
    const lengths = entries.map(({ length }) => length);
    const room = (): Buffer => Buffer.concat(entries.flatMap((entry) => [Buffer.from('  '), entry]));
    const bundle = room();
    expect(frameEntries(bundle, lengths)).toEqual(leafHashes(entries));
    expect(bundle).toEqual(encodeBundle(entries));
    expect(frameEntries(Buffer.alloc(0), [])).toHaveLength(0);
    expect(() => frameEntries(room(), [2, 0, 65_536])).toThrow(RangeError);
    expect(() => frameEntries(room().subarray(0, -1), lengths)).toThrow(/shorter/);
    expect(() => frameEntries(room(), [2, 0])).toThrow(/longer/);
  });
});

describe('a key file', () => {
  let folder: string;
  const expected = { name: ORIGIN, kind: 'LOG' } as const;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'key-file-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is made once, for its owner only, and gives the same key every time', () => {
    const file = path.join(folder, 'new', 'log.key');
    createKeyFile(file, expected);
    const [key] = readKeyFile(file, expected);
    createKeyFile(file, expected);
    expect(readKeyFile(file, expected)[0].verifier).toEqual(key.verifier);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('may hold several keys', () => {
    const file = path.join(folder, 'two.key');
    const keys = [NoteSigner.generate(ORIGIN, 'LOG'), NoteSigner.generate(ORIGIN, 'LOG')];
    writeFileSync(file, `# old and new\n${keys.map((key) => key.export()).join('\n\n')}\n`, { mode: 0o600 });
    expect(readKeyFile(file, expected).map(({ verifier }) => verifier)).toEqual(keys.map(({ verifier }) => verifier));
  });

  it('is refused with a sentence that says what to do', () => {
    const file = path.join(folder, 'bad.key');
    expect(() => readKeyFile(file, expected)).toThrow(/cannot be read/);
    writeFileSync(file, '\n', { mode: 0o600 });
    expect(() => readKeyFile(file, expected)).toThrow(/holds no key/);
    writeFileSync(file, w1.export());
    expect(() => readKeyFile(file, expected)).toThrow(/key of a witness/);
    writeFileSync(file, NoteSigner.generate('other.example', 'LOG').export());
    expect(() => readKeyFile(file, expected)).toThrow(/has the name other.example/);
    writeFileSync(file, log.export().slice(0, -3));
    expect(() => readKeyFile(file, expected)).toThrow(/bad.key/);
    chmodSync(file, 0o644);
    expect(() => readKeyFile(file, expected)).toThrow(/chmod 600/);
  });
});
