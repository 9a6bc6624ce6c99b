import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runFolder } from './run-folder.js';

/** An authority of the test's own, with certificates for servers and clients on this machine. All files are PEM. */
export interface Certificates {
  folder: string;
  ca: string;
  /** Signed by `ca`, for 127.0.0.1. */
  server: Pair;
  /** Signed by `ca`, for another host. */
  elsewhere: Pair;
  client: Pair;
  /** An authority that signed nothing of these. */
  otherCa: string;
}

export interface Pair {
  cert: string;
  key: string;
}

/** @returns null where there is no openssl */
export function makeCertificates(): Certificates | null {
  if (spawnSync('openssl', ['version']).status !== 0) return null;
  const folder = mkdtempSync(path.join(runFolder(), 'certificates-'));
  chmodSync(folder, 0o755);
  const ca = authority(folder, 'ca');
  return {
    folder,
    ca: ca.cert,
    server: signed(folder, { name: 'server', host: 'IP:127.0.0.1', by: ca }),
    elsewhere: signed(folder, { name: 'elsewhere', host: 'DNS:elsewhere.test', by: ca }),
    client: signed(folder, { name: 'client', host: 'DNS:client.test', by: ca }),
    otherCa: authority(folder, 'other-ca').cert,
  };
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function authority(folder: string, name: string): Pair {
  const pair = pairOf(folder, name);
  openssl('req', '-x509', ...KEY, '-days', '2', '-subj', `/CN=${name}`, '-keyout', pair.key, '-out', pair.cert);
  return pair;
}

function signed(folder: string, { name, host, by }: { name: string; host: string; by: Pair }): Pair {
  const pair = pairOf(folder, name);
  const request = path.join(folder, `${name}.csr`);
  const extensions = path.join(folder, `${name}.ext`);
  writeFileSync(extensions, `subjectAltName=${host}\n`);
  openssl('req', '-new', ...KEY, '-subj', `/CN=${name}`, '-keyout', pair.key, '-out', request);
  const authorityFiles = ['-CA', by.cert, '-CAkey', by.key, '-CAcreateserial'];
  openssl('x509', '-req', '-in', request, ...authorityFiles, '-days', '2', '-extfile', extensions, '-out', pair.cert);
  return pair;
}

function pairOf(folder: string, name: string): Pair {
  return { cert: path.join(folder, `${name}.pem`), key: path.join(folder, `${name}.key`) };
}

function openssl(...args: string[]): void {
  const run = spawnSync('openssl', args, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`openssl ${args[0]}: ${run.stderr}`);
}
