import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { migrate } from '#app/runtime';
import pg from 'pg';
import { checkoutFolder } from '../local/folders.js';
import { makeTestFolder, startTestPostgres } from '../local/test-services.js';
import { dumpSchema } from './dump-schema.js';
/** `npm run db:dump` (writes infra/postgres/schema.sql) and, with --check, the comparison in `npm run check`. */
const file = path.join(checkoutFolder(), 'infra', 'postgres', 'schema.sql');
const folder = makeTestFolder();
try {
  const server = await startTestPostgres(folder);
  try {
    compareOrWrite(await schemaOf(server.url), process.argv.includes('--check'));
  } finally {
    await server.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
async function schemaOf(adminUrl) {
  await migrate(adminUrl);
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    return await dumpSchema(client);
  } finally {
    await client.end();
  }
}
function compareOrWrite(schema, isCheck) {
  if (!isCheck) {
    writeFileSync(file, schema);
    return;
  }
  const committed = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (committed === schema) return;
  const now = schema.split('\n');
  const line = committed.split('\n').findIndex((text, i) => text !== now[i]);
  process.stderr.write(
    `infra/postgres/schema.sql is not what the migrations make, from line ${line + 1} on. Run npm run db:dump and commit it.\n` +
      `  there: ${committed.split('\n')[line] ?? '(end)'}\n  now:   ${now[line] ?? '(end)'}\n`,
  );
  process.exitCode = 1;
}
//# sourceMappingURL=schema-check.js.map
