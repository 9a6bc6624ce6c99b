export interface CloudEvent {
  id: string;
  source: string;
  type: string;
  data: unknown;
}

/** A message ready for the broker: CloudEvents in structured mode. */
export interface Message {
  key: string;
  value: string;
  headers: { 'content-type': string };
}

/** `<source>|<incident ref>` (contract §1): one incident's messages share a partition and so keep their order. */
export function messageOf(event: CloudEvent): Message {
  return {
    key: `${event.source}|${incidentKey(event.data)}`,
    value: JSON.stringify({
      specversion: '1.0',
      id: event.id,
      source: event.source,
      type: event.type,
      datacontenttype: 'application/json',
      data: event.data,
    }),
    headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8' },
  };
}

/** Members that say what a message is about: an incident, a series, a trend, a site. */
const SUBJECTS = ['incident', 'survivor', 'a', 'seriesId', 'trendId', 'siteRef'];

/** The incident's ref or ledger id, or the id of the series, trend or site; '' for what is about none of them. */
export function incidentKey(data: unknown): string {
  for (const value of SUBJECTS.map((name) => (data as Record<string, unknown> | null)?.[name])) {
    if (typeof value === 'string') return value;
    const named = value as { ref?: unknown; id?: unknown } | null | undefined;
    const key = named?.ref ?? named?.id;
    if (typeof key === 'string') return key;
  }
  return '';
}
