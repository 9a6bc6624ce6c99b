import { hash, type KeyObject } from 'node:crypto';
import { INCIDENT_NAMESPACE } from '#app/domain';
import { canonicalize } from './canonical-json.js';
import { keyedHash } from './keyed-hash.js';
import { random } from './random.js';

/** The first 16 bytes as a UUID text. A carrier of bytes, not a UUID of a version. */
export function uuidFromBytes(bytes: Buffer): string {
  return dashed(bytes.toString('hex', 0, 16));
}

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** UUID version 7 (RFC 9562): milliseconds, then 74 random bits. */
export function uuidV7(now = Date.now()): string {
  const bytes = random(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return uuidFromBytes(bytes);
}

const UUID_BYTES = 16;
/** The digit that holds the variant `10` and the two bits after it. */
const VARIANT = '89ab';

/** UUID version 5 (RFC 9562): SHA-1 of namespace and name. */
export function uuidV5(namespace: string, name: string): string {
  const named = Buffer.from(`${' '.repeat(UUID_BYTES)}${name}`);
  named.write(namespace.replaceAll('-', ''), 0, 'hex');
  const digest = hash('sha1', named, 'hex');
  const variant = VARIANT[Number.parseInt(digest[16] as string, 16) & 3] as string;
  return dashed(`${digest.slice(0, 12)}5${digest.slice(13, 16)}${variant}${digest.slice(17, 32)}`);
}

/** Ledger id of an incident: UUIDv5(namespace, JCS([CloudEvents source, incident.ref])), byte-exact (architecture §2). */
export function incidentIdOf(ceSource: string, ref: string): string {
  return uuidV5(INCIDENT_NAMESPACE, canonicalize([ceSource, ref]));
}

/** What has a stream beside incidents: an aggregate series, a trend assertion, a stock record. */
export type OfficialKind = 'aggregate' | 'trend' | 'site';

/**
 * Stream of a publisher's series (`seriesId`), trend (`trendId`) or site (`siteRef`): UUIDv5(namespace, JCS([CloudEvents
 * source, kind, id])). Three members, so it never meets the id of an incident, which is made of two.
 */
export function streamIdOf(ceSource: string, kind: OfficialKind, id: string): string {
  return uuidV5(INCIDENT_NAMESPACE, canonicalize([ceSource, kind, id]));
}

/** Identity of a CloudEvent, for deduplication: the first 16 bytes of SHA-256(JCS([source, id])). */
export function identityOf(ceSource: string, ceId: string): string {
  return dashed(hash('sha256', canonicalize([ceSource, ceId]), 'hex'));
}

/** Name of a publisher's report, whatever its revision: the first 16 bytes of SHA-256(JCS([source, reportId])). */
export function reportNameOf(ceSource: string, reportId: string): string {
  return dashed(hash('sha256', canonicalize([ceSource, reportId]), 'hex'));
}

/**
 * Keyed digest of what a message says, to tell "same id, same content" from "same id, other content": the first 16 bytes
 * of HMAC-SHA256(key, JCS({data, type})). Keyed, because a plain hash would confirm a guessed name.
 */
export function contentDigest(key: KeyObject, content: { type: string; data: unknown }): string {
  return contentDigestOf(key, content.type, canonicalize(content.data));
}

/** `contentDigest` where the canonical text of the data is there already. */
export function contentDigestOf(key: KeyObject, type: string, dataText: string): string {
  return dashed(keyedHash(key, `{"data":${dataText},"type":${canonicalize(type)}}`));
}
