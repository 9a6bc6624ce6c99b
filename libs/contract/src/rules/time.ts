import { decorator, type Rule, WRONG_TYPE } from './rule.js';

/**
 * Armed-conflict reports speak of days that somebody alive could have witnessed or will plan for. Year 0001 or 9999 is
 * a default value that leaked out of somebody's system, not a date.
 */
const YEAR = '(19|20|21)\\d\\d';
const DATE = `^${YEAR}-\\d\\d-\\d\\d$`;
const TIMESTAMP = `^${YEAR}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$`;
const dateForm = new RegExp(DATE, 'u');
const timestampForm = new RegExp(TIMESTAMP, 'u');
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isRealDay(text: string): boolean {
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8, 10));
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (DAYS[month - 1] ?? 0) + (month === 2 && leap ? 1 : 0);
}

/** A civil date YYYY-MM-DD that the calendar has, of the years 1900 to 2199. */
export function isCivilDate(text: string): boolean {
  return dateForm.test(text) && isRealDay(text);
}

/**
 * An RFC 3339 time with capital T and Z or an offset, at most nanoseconds, of the years 1900 to 2199. Leap seconds are
 * refused: no clock that we read from knows them, and JavaScript's Date does not either.
 */
export function isTimestamp(text: string): boolean {
  if (!timestampForm.test(text) || !isRealDay(text)) return false;
  const zone = text.endsWith('Z') ? '00:00' : text.slice(-5);
  const minutesAndSeconds = text.slice(14, 16) <= '59' && text.slice(17, 19) <= '59';
  return text.slice(11, 13) <= '23' && minutesAndSeconds && zone.slice(0, 2) <= '23' && zone.slice(3) <= '59';
}

const civilDate: Rule = {
  schema: { type: 'string', format: 'date', pattern: DATE },
  check: (value) => {
    if (typeof value !== 'string') return [WRONG_TYPE('a string')];
    return isCivilDate(value)
      ? []
      : [{ code: 'INVALID_DATE', detail: 'must be a real date YYYY-MM-DD of the years 1900 to 2199' }];
  },
};

export const timestampRule: Rule = {
  schema: { type: 'string', format: 'date-time', pattern: TIMESTAMP },
  check: (value) => {
    if (typeof value !== 'string') return [WRONG_TYPE('a string')];
    return isTimestamp(value)
      ? []
      : [{ code: 'INVALID_TIMESTAMP', detail: 'must be a real RFC 3339 time with offset, years 1900 to 2199' }];
  },
};

export const CivilDate = (): PropertyDecorator => decorator(civilDate);
export const Timestamp = (): PropertyDecorator => decorator(timestampRule);
