import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connectKafka, KafkaSettings } from '#app/kafka';
import { createPool } from '#app/runtime';
import { pino } from 'pino';
import { type Certificates, makeCertificates } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { reportData } from '../support/ingest-messages.js';
import { consume } from '../support/kafka.js';
import type { AppName } from '../support/processes.js';
import { startSystem, type TestSystem } from '../support/system.js';
import type { SaslKafka } from '../support/sasl-kafka.js';
import { SASL_USER, startTlsKafka, startTlsPostgres, type TlsPostgres } from '../support/tls-services.js';

jest.setTimeout(240_000);

const certificates = makeCertificates();
if (certificates === null)
  process.stderr.write('skipped: TLS, because there is no openssl to make certificates with\n');
const described = certificates === null ? describe.skip : describe;
const APPS: readonly AppName[] = ['ingest', 'projector', 'notary', 'relay', 'query-api', 'audit-api', 'intake-api'];

described('over TLS', () => {
  const { ca, client, elsewhere, otherCa, server } = certificates as Certificates;
  let postgres: TlsPostgres;
  let kafka: SaslKafka;
  let system: TestSystem;
  const kafkaEnv = (): Record<string, string> => ({
    KAFKA_BROKERS: kafka.secured,
    KAFKA_SSL: 'true',
    KAFKA_SSL_CA_FILE: ca,
    KAFKA_SSL_CERT_FILE: client.cert,
    KAFKA_SSL_KEY_FILE: client.key,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: SASL_USER.username,
    KAFKA_SASL_PASSWORD: SASL_USER.password,
  });

  beforeAll(async () => {
    postgres = await startTlsPostgres(certificates as Certificates);
    kafka = await startTlsKafka(certificates as Certificates);
    system = await startSystem({
      apps: APPS,
      adminUrl: `${postgres.address}?sslmode=verify-full&sslrootcert=${encodeURIComponent(ca)}`,
      brokers: kafka.plain,
      env: kafkaEnv(),
    });
  });
  afterAll(async () => {
    await system?.stop();
    await kafka?.stop();
    await postgres?.stop();
  });

  it('a report goes the whole way, and no connection to PostgreSQL is in clear', async () => {
    const sent = await fetch(`${system.app('intake-api').url}/v1/reports?source=https://desk.example`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'over-tls' },
      body: JSON.stringify(reportData()),
    });
    expect(sent.status).toBe(202);
    await eventually('it is in the figures', async () => {
      const answer = await fetch(`${system.app('query-api').url}/v1/incidents`);
      return ((await answer.json()) as { total?: number }).total === 1 ? true : null;
    });
    await eventually('it was handed on', async () => {
      const messages = await consume('conflict.events.v1', 1, { brokers: kafka.plain, timeoutMs: 5_000 });
      return messages.length > 0 ? true : null;
    });
    const { rows } = await system.pool.query<{ application_name: string; ssl: boolean }>(
      `SELECT a.application_name, s.ssl FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid)
        WHERE a.backend_type = 'client backend' AND a.datname = current_database()`,
    );
    expect(rows.filter(({ ssl }) => !ssl)).toEqual([]);
    expect(new Set(rows.map(({ application_name: name }) => name)).size).toBeGreaterThanOrEqual(6);
  });

  it('PostgreSQL is refused when its certificate is of another authority or of another host, or TLS is missing', async () => {
    const query = async (url: string, env: Record<string, string> = {}): Promise<unknown> => {
      const before = { ...process.env };
      Object.assign(process.env, env);
      const pool = createPool(url);
      process.env = before;
      try {
        return (await pool.query('SELECT 1 AS one')).rows;
      } finally {
        await pool.end();
      }
    };
    const { address } = postgres;
    expect(await query(address, { PGSSLROOTCERT: ca })).toEqual([{ one: 1 }]);
    expect(await query(`${address}?sslmode=verify-full`, { PGSSLROOTCERT: ca })).toEqual([{ one: 1 }]);
    await expect(query(address)).rejects.toThrow(/no encryption/);
    await expect(query(address, { PGSSLROOTCERT: otherCa })).rejects.toThrow(/unable to verify|self-signed/);
    await expect(query(`${address}?sslmode=verify-full`)).rejects.toThrow(/unable to verify|self-signed/);
    await postgres.present(elsewhere);
    await expect(query(address, { PGSSLROOTCERT: ca })).rejects.toThrow(/does not match certificate/);
    await postgres.present(server);
    expect(await query(address, { PGSSLROOTCERT: ca })).toEqual([{ one: 1 }]);
  });

  it.each([
    ['a broker of another authority', () => ({ KAFKA_SSL_CA_FILE: otherCa }), /unable to verify|self-signed/],
    ['a wrong password', () => ({ KAFKA_SASL_PASSWORD: 'wrong' }), /Authentication failed|invalid credentials/i],
    ['no certificate of ours', () => ({ KAFKA_SSL_CERT_FILE: undefined, KAFKA_SSL_KEY_FILE: undefined }), /./],
    [
      'no TLS',
      () => ({
        KAFKA_SSL: 'false',
        KAFKA_SSL_CA_FILE: undefined,
        KAFKA_SSL_CERT_FILE: undefined,
        KAFKA_SSL_KEY_FILE: undefined,
      }),
      /./,
    ],
  ])('Kafka is not spoken to with %s', async (_name, wrong, message) => {
    const lines: string[] = [];
    const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const settings = Object.assign(new KafkaSettings(), kafkaEnv(), wrong());
    const admin = connectKafka(settings, 'test', logger).admin({ retry: { retries: 0 } });
    await expect(admin.connect().then(() => admin.listTopics())).rejects.toThrow(message);
    await admin.disconnect();
    expect(lines.join()).not.toContain(SASL_USER.password);
  });

  it.each([
    [{ KAFKA_SSL: 'false' }, /KAFKA_SSL is not true/],
    [{ KAFKA_SSL_KEY_FILE: undefined }, /must be given together/],
    [{ KAFKA_SSL_CA_FILE: '/nowhere/ca.pem' }, /KAFKA_SSL_CA_FILE: .* cannot be read \(ENOENT\)/],
    [{ KAFKA_SASL_PASSWORD: '' }, /needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD/],
    [
      {
        KAFKA_SSL: 'false',
        KAFKA_SSL_CA_FILE: undefined,
        KAFKA_SSL_CERT_FILE: undefined,
        KAFKA_SSL_KEY_FILE: undefined,
        KAFKA_SASL_MECHANISM: 'plain',
      },
      /needs KAFKA_SSL=true/,
    ],
  ])('settings that would protect nothing end the start: %j', (wrong, message) => {
    const settings = Object.assign(new KafkaSettings(), kafkaEnv(), wrong);
    expect(() => connectKafka(settings, 'test', pino({ level: 'silent' }))).toThrow(message);
  });

  it('no password is in a log, an error or a metric', async () => {
    const secrets = [
      SASL_USER.password,
      new URL(system.database.url).password,
      readFileSync(client.key, 'utf8').split('\n')[1] ?? '',
    ];
    for (const name of APPS) {
      const { url } = system.app(name);
      const text = system.app(name).logs() + (await (await fetch(`${url}/metrics`)).text());
      expect({ name, found: secrets.filter((secret) => secret === '' || text.includes(secret)) }).toEqual({
        name,
        found: [],
      });
    }
  });
});
