/** What WWW-Authenticate says (RFC 6750 §3). Without an error where no token came at all. */
export function challenge(error?: string, description?: string, scope?: string): Record<string, string> {
  const parameters = Object.entries({ realm: 'conflict-ledger', error, error_description: description, scope })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${value}"`);
  return { 'www-authenticate': `Bearer ${parameters.join(', ')}` };
}
