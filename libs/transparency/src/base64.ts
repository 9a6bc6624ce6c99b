/** Standard base64 (RFC 4648 §4), strictly: with padding, nothing else. Null for any other text. */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}
