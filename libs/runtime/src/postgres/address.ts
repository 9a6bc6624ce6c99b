/**
 * A PostgreSQL address with the certificates that the environment names, as libpq does it: node-postgres reads `sslrootcert`
 * in the address alone. Whoever names an authority wants the server to be checked, so `sslmode` is `verify-full` then unless
 * the address or PGSSLMODE says another.
 */
export function withCertificates(databaseUrl: string, env: NodeJS.ProcessEnv = process.env): string {
  const { PGSSLROOTCERT: root, PGSSLMODE: mode } = env;
  if (!root) return databaseUrl;
  const url = new URL(databaseUrl);
  const asked = url.searchParams.get('sslmode') ?? (mode || 'verify-full');
  if (asked === 'disable') return databaseUrl;
  url.searchParams.set('sslmode', asked);
  if (!url.searchParams.has('sslrootcert')) url.searchParams.set('sslrootcert', root);
  return url.href;
}
