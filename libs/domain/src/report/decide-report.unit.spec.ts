import { decideReport } from '#app/domain';

const revision = (value: number) => ({ kind: 'REPORT', revision: value }) as const;
const withdrawal = { kind: 'WITHDRAWN', revision: 0 } as const;
const report = (value: number) => ({ type: 'REPORT', revision: value }) as const;

describe('deciding a report', () => {
  it.each([
    ['the first', report(1), [], 'APPLIED'],
    ['a higher revision', report(3), [revision(1), revision(2)], 'APPLIED'],
    ['a lower revision', report(2), [revision(1), revision(3)], 'LATE_REVISION'],
    ['a report after its withdrawal', report(9), [revision(1), withdrawal], 'LATE_REVISION'],
    ['a withdrawal', { type: 'WITHDRAWAL' } as const, [revision(1)], 'APPLIED'],
    ['a withdrawal before its report', { type: 'WITHDRAWAL' } as const, [], 'APPLIED'],
  ])('records %s', (_, intent, known, disposition) => {
    expect(decideReport(intent, known)).toEqual({ kind: 'RECORD', disposition });
  });

  it('refuses a revision that is recorded already, late ones and withdrawn ones too', () => {
    const conflict = { kind: 'REJECT', code: 'REVISION_CONFLICT' };
    expect(decideReport(report(2), [revision(2)])).toEqual(conflict);
    expect(decideReport(report(1), [revision(2), revision(1)])).toEqual(conflict);
    expect(decideReport(report(1), [withdrawal, revision(1)])).toEqual(conflict);
  });
});
