import type { Problem } from '#app/contract';
import type { RefusedReading } from '../read-message/read-message.js';
import { draftRejection, storable } from './draft-rejection.js';

function refused(problems: Problem[], trusted = true): RefusedReading {
  const at = { cursorId: 1, cluster: 'c', topic: 't', partition: 0, offset: 4 };
  return {
    kind: 'refused',
    message: { at, raw: { key: null, value: Buffer.from('x'), headers: {} }, timestamp: 0, causationId: null },
    subject: { source: 'https://desk.example', id: 'id-1', type: null, trusted },
    correlation: null,
    refusal: { stage: 'VALIDATE', code: 'DATA_INVALID', problems },
  };
}
const problem = (pointer: string, code: Problem['code'] = 'REQUIRED'): Problem => ({ pointer, code, detail: 'd' });

describe('the event of a refused message', () => {
  it('names at most 20 problems, by pointer and code', () => {
    const { draft } = draftRejection(refused(Array.from({ length: 30 }, (_, i) => problem(`/casualties/${i}`))));
    const { problems } = draft.data as { problems: unknown[] };
    expect(problems).toHaveLength(20);
    expect(problems[0]).toEqual({ pointer: '/casualties/0', code: 'REQUIRED' });
  });

  it('keeps what the sender wrote as a member name out of the leaf, the row and the notice', () => {
    const { draft, refused: kept } = draftRejection(
      refused([
        problem('/source/a witness by name', 'UNKNOWN_FIELD'),
        problem('/data/confidential/Ahmed Witness Secret/a', 'DUPLICATE_MEMBER'),
        problem(`/${'x'.repeat(2000)}`),
        problem(`/${'x'.repeat(1022)}\u{1f600}`),
      ]),
    );
    const pointers = ['/source', '/data/confidential', '', ''];
    expect(draft.data).toMatchObject({ problems: pointers.map((pointer) => ({ pointer })) });
    expect(kept?.reading.refusal.problems.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('keeps the source and id of somebody who may not speak here out of the leaf', () => {
    expect(draftRejection(refused([], false)).draft.source).toMatchObject({ ceSource: '', ceId: '' });
    const { draft } = draftRejection({ ...refused([], false), correlation: 'a-witness' });
    expect(draft.correlationId).toBe(draft.id);
    expect(draftRejection(refused([])).draft.source).toMatchObject({ ceSource: 'https://desk.example', ceId: 'id-1' });
  });

  it.each([['a\u0000b'], ['a\ud800b'], ['a\u001eb'], ['x'.repeat(2000)]])('stores no attribute like %j', (text) => {
    expect(storable(text)).toBeNull();
  });
});
