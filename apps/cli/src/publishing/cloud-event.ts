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

/** The incident's ref or ledger id; '' for what is not about one incident. */
export function incidentKey(data: unknown): string {
  const incident = (data as { incident?: { ref?: unknown; id?: unknown } } | null)?.incident;
  const key = incident?.ref ?? incident?.id;
  return typeof key === 'string' ? key : '';
}
