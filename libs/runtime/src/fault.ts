import { isTransient } from './postgres/errors.js';

/** What keeps a part from working, as it may be told to whoever asks for its health: a stable code and our own sentence. */
export type Fault = { code: string; reason: string };

/** By SQLSTATE, by code of the system, or by the name of one of our own errors. */
const FAULTS: Readonly<Record<string, Fault>> = {
  '53100': { code: 'DISK_FULL', reason: 'the disk of the database is full' },
  '53300': { code: 'TOO_MANY_CONNECTIONS', reason: 'the database takes no more connections' },
  '25006': { code: 'DATABASE_READ_ONLY', reason: 'the database takes no writes' },
  '42501': { code: 'NO_RIGHT', reason: 'the login lacks a right: is it a member of the role of this app?' },
  '28000': { code: 'LOGIN_REFUSED', reason: 'the database refuses the login' },
  '28P01': { code: 'LOGIN_REFUSED', reason: 'the database refuses the password' },
  '3D000': { code: 'NO_DATABASE', reason: 'there is no database of this name' },
  '42P01': { code: 'SCHEMA_BEHIND', reason: 'a table is missing: run the migrations' },
  '55P03': { code: 'LOCKED', reason: 'a lock is held by somebody else for too long' },
  '57014': { code: 'STATEMENT_TIMEOUT', reason: 'a statement took too long' },
  ENOSPC: { code: 'DISK_FULL', reason: 'the disk is full' },
  EDQUOT: { code: 'DISK_FULL', reason: 'the quota of the disk is used up' },
  EROFS: { code: 'FOLDER_READ_ONLY', reason: 'the folder takes no writes' },
  EACCES: { code: 'FOLDER_REFUSED', reason: 'the account may not use the folder' },
  ENOENT: { code: 'FILE_MISSING', reason: 'a file is missing' },
  ClockBehindError: {
    code: 'CLOCK_BEHIND',
    reason: 'the clock is behind the head of the log: nothing is recorded until it has caught up',
  },
  MasterKeyMissingError: {
    code: 'MASTER_KEY_MISSING',
    reason: 'the file of the master key does not hold the key that wraps the secrets of the log',
  },
  LateError: { code: 'NO_ANSWER', reason: 'what it needs does not answer in time' },
  MasterKeyError: { code: 'MASTER_KEY_WRONG', reason: 'the master key does not open the vault' },
};

const UNKNOWN = 'FAILING';

/** Never a message of PostgreSQL or Kafka: they name hosts, and quote what people wrote. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { code: UNKNOWN, reason: 'something fails that nobody expected' };
  const { code } = error as { code?: unknown };
  const known = FAULTS[error.name] ?? (typeof code === 'string' ? FAULTS[code] : undefined);
  if (known !== undefined) return known;
  if (error.name.startsWith('KafkaJS')) return kafkaFault(error);
  // An error that only wraps another one knows less than that.
  const inner = error.cause instanceof Error ? faultOf(error.cause) : null;
  if (inner !== null && inner.code !== UNKNOWN) return inner;
  if (isTransient(error)) return { code: 'DATABASE_DOWN', reason: 'the database does not answer' };
  return { code: UNKNOWN, reason: `${error.name}: see the log of the process` };
}

function kafkaFault(error: Error): Fault {
  const { type } = error as { type?: unknown };
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION' || /does not host this topic/i.test(error.message)) {
    return { code: 'TOPIC_MISSING', reason: 'a topic is missing: make it (node dist/infra/make-topics.js)' };
  }
  if (type === 'TOPIC_AUTHORIZATION_FAILED' || type === 'GROUP_AUTHORIZATION_FAILED') {
    return { code: 'KAFKA_REFUSES', reason: 'Kafka refuses the topic or the group: an ACL is missing' };
  }
  return { code: 'KAFKA_DOWN', reason: 'Kafka does not answer' };
}

/** The fault that a part is under, and since when; what passes within moments is none worth telling. */
export class FaultWatch {
  #since: number | null = null;
  #last: unknown = null;

  failed(error: unknown): void {
    this.#since ??= performance.now();
    this.#last = error;
  }

  worked(): void {
    this.#since = null;
  }

  /** Null while it works, or has failed for a shorter time. */
  lasting(seconds: number): (Fault & { seconds: number }) | null {
    if (this.#since === null) return null;
    const passed = (performance.now() - this.#since) / 1000;
    return passed < seconds ? null : { ...faultOf(this.#last), seconds: Math.round(passed) };
  }
}
