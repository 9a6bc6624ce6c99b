import { Problem } from '#app/http-edge';

export const POSITION_PARAMETER = {
  name: 'position',
  schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
} as const;

/** @throws Problem INVALID_PARAMETER */
export function toPosition(text: string): number {
  const position = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(position)) {
    throw Problem.invalidParameter('position', 'must be a whole number from 0 to 9007199254740991');
  }
  return position;
}
