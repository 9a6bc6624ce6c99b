import { chmodSync, chownSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { postgresAccount } from '../../infra/local/postgres-binaries.js';
import type { Certificates, Pair } from './certificates.js';
import { type Dedicated, startDedicatedPostgres } from './dedicated.js';
import { runFolder } from './run-folder.js';
import { type SaslKafka, startSaslKafka } from './sasl-kafka.js';

export interface TlsPostgres extends Dedicated {
  /** Shows another certificate from now on. */
  present(pair: Pair): Promise<void>;
}

/** A PostgreSQL that lets nobody in without TLS. `address` names no certificate. */
export async function startTlsPostgres({ server }: Certificates): Promise<TlsPostgres> {
  const postgres = await startDedicatedPostgres();
  await change(postgres.address, server, ['ALTER SYSTEM SET ssl = on']);
  const file = path.join(postgres.folder, 'cluster', 'data', 'pg_hba.conf');
  writeFileSync(file, 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  await change(postgres.address, server, []);
  return { ...postgres, present: (pair) => change(`${postgres.address}?sslmode=no-verify`, pair, []) };
}

async function change(address: string, { cert, key }: Pair, statements: readonly string[]): Promise<void> {
  const { uid, gid } = postgresAccount();
  chmodSync(key, 0o600);
  if (uid !== undefined && gid !== undefined) chownSync(key, uid, gid);
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  for (const statement of [
    `ALTER SYSTEM SET ssl_cert_file = '${cert}'`,
    `ALTER SYSTEM SET ssl_key_file = '${key}'`,
    ...statements,
    'SELECT pg_reload_conf()',
    'SELECT pg_sleep(0.5)',
  ]) {
    await client.query(statement);
  }
  await client.end();
}

export const SASL_USER = { username: 'ledger', password: 'a-password-of-kafka' } as const;

/** A broker with a second listener for TLS with client certificates and SCRAM-SHA-512. */
export async function startTlsKafka(certificates: Certificates): Promise<SaslKafka> {
  const keystore = path.join(mkdtempSync(path.join(runFolder(), 'keystore-')), 'keystore.pem');
  writeFileSync(
    keystore,
    readFileSync(certificates.server.key, 'utf8') + readFileSync(certificates.server.cert, 'utf8'),
  );
  return startSaslKafka('SASL_SSL', { [SASL_USER.username]: SASL_USER.password }, [
    'listener.name.sasl_ssl.ssl.client.auth=required',
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${keystore}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${certificates.ca}`,
  ]);
}
