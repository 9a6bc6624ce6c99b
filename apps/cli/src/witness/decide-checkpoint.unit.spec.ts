import { describe, expect, it } from '@jest/globals';
import { EMPTY_ROOT, formatAddCheckpoint, leafHash, NoteSigner, rootOf, type TreeHead } from '#app/transparency';
import { forkAt, GrowingLog, history } from '../../../../test/support/growing-log.js';
import { readSubmission, refusalOf, type Refusal } from './decide-checkpoint.js';

const log = new GrowingLog('ledger.example/log');
const stranger = new GrowingLog('other.example/log');
/** Its key is not known, but its name is. */
const impostor = new GrowingLog(log.origin);
const successor = NoteSigner.generate(log.origin, 'LOG');
const KEYS = [log.signer.verifier, successor.verifier];

const ours = history(12);
const headOf = (size: number, of = ours): TreeHead => ({ size, root: rootOf(of.slice(0, size)) });
const body = (note: string, oldSize = 0, proof: Buffer[] = []): string =>
  formatAddCheckpoint({ oldSize, proof, checkpoint: note });

/** Status of the answer; 200 for what is cosigned. */
function decide(request: string | Buffer, latest: TreeHead | null): number | Refusal {
  const submission = readSubmission(Buffer.from(request), KEYS);
  const refusal = submission.kind === 'REFUSED' ? submission : refusalOf(submission, latest);
  return refusal === null ? 200 : refusal;
}
const status = (request: string | Buffer, latest: TreeHead | null): number => {
  const answer = decide(request, latest);
  return typeof answer === 'number' ? answer : answer.status;
};

describe('a witness cosigns', () => {
  it('the first checkpoint that it sees of a log, whatever its size', async () => {
    expect(status(await log.request(ours, { oldSize: 0 }), null)).toBe(200);
    expect(status(body(log.note({ size: 0, root: EMPTY_ROOT })), null)).toBe(200);
  });

  it('every larger one that a proof leads to, from every size', async () => {
    for (let size = 0; size <= ours.length; size++) {
      for (let oldSize = 0; oldSize <= size; oldSize++) {
        const latest = oldSize === 0 ? null : headOf(oldSize);
        const request = size === 0 ? body(log.note(headOf(0))) : await log.request(ours, { oldSize, size });
        expect([oldSize, size, status(request, latest)]).toEqual([oldSize, size, 200]);
      }
    }
  });

  it('the same checkpoint again', async () => {
    expect(status(await log.request(ours, { oldSize: 12 }), headOf(12))).toBe(200);
    expect(status(body(log.note(headOf(0))), headOf(0))).toBe(200);
  });

  it('what carries extension lines and signatures of others, and keeps only those that it checked', async () => {
    const note = log.note(headOf(5), 'an extension\n');
    const withOthers = note + stranger.note(headOf(5)).split('\n\n')[1];
    expect(status(body(withOthers), null)).toBe(200);
    const read = readSubmission(Buffer.from(body(withOthers)), KEYS);
    expect(read).toMatchObject({ kind: 'SIGNED', origin: log.origin, head: headOf(5) });
    expect(read.kind === 'SIGNED' && read.signatures.map(({ keyId }) => keyId)).toEqual([log.signer.verifier.keyId]);
  });

  it('what either of two keys of the log signed, while one replaces the other', async () => {
    const rotated = new GrowingLog(log.origin, successor);
    expect(status(await rotated.request(ours, { oldSize: 5 }), headOf(5))).toBe(200);
  });
});

describe('a witness answers 404', () => {
  it('to a log that it does not know', async () => {
    expect(status(await stranger.request(ours, { oldSize: 0 }), null)).toBe(404);
  });
});

describe('a witness answers 403', () => {
  it('to a checkpoint that no known key of its origin signed', async () => {
    expect(status(await impostor.request(ours, { oldSize: 0 }), null)).toBe(403);
    const byAnother = log.note(headOf(5)).split('\n\n')[0] + '\n\n' + stranger.note(headOf(5)).split('\n\n')[1];
    expect(status(body(byAnother), null)).toBe(403);
  });

  it('to a signature of a known key that does not verify, even beside one that does', () => {
    const [text = '', own = ''] = log.note(headOf(5)).split('\n\n');
    const [, elsewhere = ''] = log.note(headOf(6)).split('\n\n');
    expect(status(body(`${text}\n\n${elsewhere}`), null)).toBe(403);
    expect(status(body(`${text}\n\n${own}${elsewhere}`), null)).toBe(403);
  });
});

describe('a witness answers 400', () => {
  it('to an old size above that of the checkpoint', () => {
    expect(status(body(log.note(headOf(5)), 6), headOf(6))).toBe(400);
  });

  const note = log.note(headOf(5));
  const hash = leafHash(Buffer.from('x')).toString('base64');
  it.each([
    ['nothing', ''],
    ['no old size', note],
    ['an old size with a zero before it', `old 05\n\n${note}`],
    ['an old size that is negative', `old -1\n\n${note}`],
    ['an old size that no number holds', `old 9007199254740993\n\n${note}`],
    ['two spaces', `old  0\n\n${note}`],
    ['a hash that is none', `old 1\nAAAA\n\n${note}`],
    ['a hash in base64 without padding', `old 1\n${hash.slice(0, -1)}\n\n${note}`],
    ['64 hashes', `old 1\n${`${hash}\n`.repeat(64)}\n${note}`],
    ['carriage returns', `old 0\r\n\r\n${note}`],
    ['no checkpoint', 'old 0\n\n'],
    ['a note without signatures', `old 0\n\n${note.split('\n\n')[0]}\n`],
    ['a note that does not end', `old 0\n\n${note.slice(0, -1)}`],
    ['a size with a zero before it', `old 0\n\n${note.replace('\n5\n', '\n05\n')}`],
    ['a root that is no hash', `old 0\n\n${note.replace(/\n5\n.*\n/, '\n5\nAAAA\n')}`],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from('old 0\n\n'), Buffer.of(0xff), Buffer.from(note)])],
  ])('to %s', (_what, request) => expect(status(request, null)).toBe(400));
});

describe('a witness answers 409 with the size that it has cosigned last', () => {
  it.each([
    [0, 5],
    [3, 5],
    [7, 5],
    [5, 0],
  ])('to old size %i when that is %i', async (oldSize, known) => {
    const answer = decide(await log.request(ours, { oldSize }), known === 0 ? null : headOf(known));
    expect(answer).toEqual({ kind: 'REFUSED', status: 409, body: `${known}\n` });
  });

  it('also to a checkpoint that is smaller: the log was rolled back', async () => {
    const answer = decide(await log.request(ours, { oldSize: 3, size: 4 }), headOf(9));
    expect(answer).toEqual({ kind: 'REFUSED', status: 409, body: '9\n' });
  });
});

describe('a witness answers 422', () => {
  const forked = forkAt(4, ours);

  it('to a history that forked before the size that it has cosigned', async () => {
    for (let known = 5; known < 12; known++) {
      expect(status(await log.request(forked, { oldSize: known }), headOf(known))).toBe(422);
      // The proof of the true history does not help the forked one, nor the other way round.
      const { note } = log.checkpoint(forked);
      const proof = await log.checkpoint(ours).prove(known);
      expect(status(body(note, known, proof), headOf(known))).toBe(422);
    }
    expect(status(await log.request(forked, { oldSize: 4 }), headOf(4))).toBe(200);
  });

  it('to another root for the size that it has cosigned', async () => {
    expect(status(await log.request(forked, { oldSize: 12 }), headOf(12))).toBe(422);
  });

  it('to a proof that is too long, too short or of another size', async () => {
    const { note, prove } = log.checkpoint(ours);
    const proof = await prove(5);
    const more = leafHash(Buffer.from('more'));
    expect(status(body(note, 5, [...proof, more]), headOf(5))).toBe(422);
    expect(status(body(note, 5, proof.slice(0, -1)), headOf(5))).toBe(422);
    expect(status(body(note, 5, []), headOf(5))).toBe(422);
    expect(status(body(note, 5, await prove(6)), headOf(5))).toBe(422);
    expect(status(body(note, 12, [more]), headOf(12))).toBe(422);
    expect(status(body(note, 0, [more]), null)).toBe(422);
  });

  it('to a tree without entries that has a root', () => {
    expect(status(body(log.note({ size: 0, root: leafHash(Buffer.from('x')) })), null)).toBe(422);
    expect(status(body(log.note({ size: 0, root: leafHash(Buffer.from('x')) })), headOf(0))).toBe(422);
  });
});
