import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import { usageError } from './exit-codes.js';

/** Where the parts of the system are. Nothing here is required before a command needs it. */
export interface Environment {
  databaseUrl: string | null;
  kafkaBrokers: string | null;
  masterKeyFile: string | null;
  /** The folder that the notary publishes. */
  tilesDir: string | null;
  queryUrl: string;
  auditUrl: string;
  intakeUrl: string;
  consumerGroup: string;
  /** Health endpoints of the workers that have no API. */
  ingestUrl: string;
  projectorUrl: string;
  relayUrl: string;
  notaryUrl: string;
}

/**
 * The environment, or, when it names neither a database nor brokers, the file `.local/env` that a local run leaves: all or
 * nothing, so that a command never speaks to the database of one system and the broker of another.
 */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const named = env['DATABASE_URL'] || env['KAFKA_BROKERS'];
  const values = named ? env : { ...localFile(), ...withoutEmpty(env) };
  // libs/kafka reads its TLS and SASL settings from the process environment.
  for (const [name, value] of Object.entries(values)) process.env[name] ??= value;
  return {
    databaseUrl: values['DATABASE_URL'] || null,
    kafkaBrokers: values['KAFKA_BROKERS'] || null,
    masterKeyFile: values['LEDGER_MASTER_KEY_FILE'] || null,
    tilesDir: values['LEDGER_TILES_DIR'] || null,
    queryUrl: values['LEDGER_QUERY_URL'] || 'http://127.0.0.1:3000',
    auditUrl: values['LEDGER_AUDIT_URL'] || 'http://127.0.0.1:3001',
    intakeUrl: values['LEDGER_INTAKE_URL'] || 'http://127.0.0.1:3002',
    consumerGroup: values['LEDGER_CONSUMER_GROUP'] || 'conflict-ledger-ingest',
    ingestUrl: values['LEDGER_INGEST_URL'] || 'http://127.0.0.1:3010',
    projectorUrl: values['LEDGER_PROJECTOR_URL'] || 'http://127.0.0.1:3011',
    relayUrl: values['LEDGER_RELAY_URL'] || 'http://127.0.0.1:3012',
    notaryUrl: values['LEDGER_NOTARY_URL'] || 'http://127.0.0.1:3013',
  };
}

/** @throws CommandError with exit code 2 */
export function needDatabase(environment: Environment): string {
  if (environment.databaseUrl === null) throw missing('DATABASE_URL');
  return environment.databaseUrl;
}

/** @throws CommandError with exit code 2 */
export function needKafka(environment: Environment): string {
  if (environment.kafkaBrokers === null) throw missing('KAFKA_BROKERS');
  return environment.kafkaBrokers;
}

function missing(name: string): Error {
  return usageError(
    `${name} is not set and there is no .local/env: start a local system with npm start, or set ${name}.`,
  );
}

function localFile(): Record<string, string> {
  const file = path.join(repositoryRoot(), '.local', 'env');
  return existsSync(file) ? parseEnvironmentFile(readFileSync(file, 'utf8')) : {};
}

/** `KEY=VALUE` lines; blank lines and lines that start with # are skipped, quotes around a value dropped. */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined) values[match[1]] = (match[2] ?? '').replace(/^(["'])(.*)\1$/, '$2');
  }
  return values;
}

function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}
