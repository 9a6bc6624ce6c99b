/** RFC 3339: a date, a time and an offset. Years from 0001, so that no offset leads out of what PostgreSQL reads. */
export const MOMENT =
  /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** @returns null for a day that the calendar does not have */
export function toMoment(text: string): Date | null {
  if (!MOMENT.test(text)) return null;
  const [year, month, day] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  // Date rolls 30 February over into March; a day that is not there is a mistake to be told.
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return null;
  const moment = new Date(text.toUpperCase());
  return Number.isNaN(moment.getTime()) ? null : moment;
}
