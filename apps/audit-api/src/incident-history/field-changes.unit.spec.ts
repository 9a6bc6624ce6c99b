import { fieldChanges } from './field-changes.js';

describe('what changed between two states of an incident', () => {
  it('names the field by its pointer', () =>
    expect(fieldChanges({ KILLED: { lo: 2, hi: 3 } }, { KILLED: { lo: 2, hi: null } })).toEqual([
      { pointer: '/KILLED/hi', before: 3, after: null },
    ]));

  it('shows a field that appears and one that goes', () =>
    expect(fieldChanges({ a: 1 }, { b: [2] })).toEqual([
      { pointer: '/a', before: 1, after: null },
      { pointer: '/b', before: null, after: [2] },
    ]));

  it('is silent about what stayed', () => expect(fieldChanges({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]));

  it('takes a new incident as a change of the whole', () =>
    expect(fieldChanges(null, { a: 1 })).toEqual([{ pointer: '', before: null, after: { a: 1 } }]));

  it('escapes pointers', () =>
    expect(fieldChanges({ 'a/b~c': 1 }, { 'a/b~c': 2 })).toEqual([{ pointer: '/a~1b~0c', before: 1, after: 2 }]));
});
