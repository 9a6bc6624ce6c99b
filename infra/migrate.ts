import { migrate } from '#app/runtime';

/** `node dist/infra/migrate.js`: brings the database of DATABASE_URL to the current schema, for deployments. */
const databaseUrl = process.env['DATABASE_URL'];
if (!databaseUrl) {
  process.stderr.write('DATABASE_URL must name the database to migrate, with a login that may create roles.\n');
  process.exit(78);
}
const applied = await migrate(databaseUrl, {
  onRetry: (reason) => process.stderr.write(`waiting for a lock: ${reason}\n`),
});
process.stdout.write(`${applied.length} migrations applied\n`);
