import { existsSync } from 'node:fs';
import { localFolder } from './folders.js';
import { findProcesses, terminate } from './processes.js';
import { postgresHome } from './local-postgres.js';

/** The PostgreSQL and Kafka of this checkout that still run without a start. How many there were. */
export async function stopLeftServers(): Promise<number> {
  if (!existsSync(localFolder())) return 0;
  const kafka = findProcesses(['kafka.Kafka', localFolder('kafka', 'broker', 'server.properties')]);
  await Promise.all(kafka.map((pid) => terminate(pid, 'SIGTERM', 40_000)));
  // The postmaster alone names the folder in its command line; it ends its children.
  const postgres = findProcesses(['postgres', `-D ${postgresHome()}/cluster/data `]);
  await Promise.all(postgres.map((pid) => terminate(pid, 'SIGINT', 30_000)));
  return kafka.length + postgres.length;
}
