const PREFIX = 'org.conflictledger.event.';
const VERSIONED = /^(?<name>.+)\.v(?<version>\d+)$/u;

/**
 * CloudEvents `type` of a recorded event: `ReportRecorded` → `org.conflictledger.event.report-recorded.v1`,
 * `ReportRecorded.v2` → `org.conflictledger.event.report-recorded.v2`. The number is that of the shape of `data`.
 */
export function eventTypeOf(recordedType: string): string {
  const { name = recordedType, version = '1' } = VERSIONED.exec(recordedType)?.groups ?? {};
  const words = name.replaceAll(/(?<=[a-z])(?=[A-Z])/gu, '-').toLowerCase();
  return `${PREFIX}${words}.v${version}`;
}

/** CloudEvents `source` of every event of a log: the address under which it is published (its origin has no scheme). */
export function eventSourceOf(origin: string): string {
  return `https://${encodeURI(origin)}`;
}
