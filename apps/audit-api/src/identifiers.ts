import { Problem } from '#app/http-edge';

/** Any version and variant: which one an identifier has is not the reader's business. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** @throws Problem INVALID_PARAMETER; PostgreSQL would answer text that is no UUID with an error of its own */
export function requireUuid(parameter: string, text: string): string {
  if (!UUID.test(text)) throw Problem.invalidParameter(parameter, 'must be a UUID');
  return text.toLowerCase();
}
