import { CellError, civilDate, decimal, oneLine, wholeNumber } from './cell-values.js';

describe('a cell', () => {
  it.each([
    ['4', 4],
    ['4.0', 4],
    ['0', 0],
    ['-1', -1],
    ['6610.', 6610],
  ])('%s is the whole number %i', (text, value) => {
    expect(wholeNumber('best', text)).toBe(value);
  });

  it.each(['', '4.5', '1e3', 'four', '4 ', '12345678901234567890', 'NaN'])('"%s" is no whole number', (text) => {
    expect(() => wholeNumber('best', text)).toThrow(CellError);
  });

  it.each([
    '2018-11-08',
    '2018-11-08 00:00:00.000',
    '2018-11-08T00:00:00',
    '11/8/2018 12:00:00 AM',
    '11/8/2018',
    '2018-11-8',
  ])('"%s" is 8 November 2018', (text) => {
    expect(civilDate('date_start', text)).toBe('2018-11-08');
  });

  it.each(['', '2018-02-30', '13/8/2018', '8.11.2018', '2018', '2018-11-08 noon', '43412'])(
    '"%s" is no date',
    (text) => {
      expect(() => civilDate('date_start', text)).toThrow(/^date_start: /);
    },
  );

  it('keeps decimals and tells an empty cell from zero', () => {
    expect(decimal('latitude', '36.335')).toBe(36.335);
    expect(decimal('latitude', '-0')).toBe(-0);
    expect(decimal('latitude', '')).toBeNull();
    expect(() => decimal('latitude', '36,3')).toThrow('latitude: "36,3" is not a number');
    expect(() => decimal('latitude', '1.2.3')).toThrow(CellError);
  });

  it('puts a name on one line', () => {
    expect(oneLine(' Al\r\nFallūjah\ttown ')).toBe('Al Fallūjah town');
  });
});
