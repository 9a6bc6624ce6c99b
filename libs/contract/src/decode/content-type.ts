export type ContentKind = 'structured' | 'batch' | 'json' | 'other';

const MEDIA_TYPE = /^\s*([a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+)\s*(;.*)?$/u;
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)"?/u;

/**
 * What a content type announces. `structured`: one CloudEvent in JSON; `batch`: an array of them; `json`: plain JSON.
 * Case does not matter; a charset other than UTF-8 makes any of them `other`.
 */
export function contentKind(contentType: string): ContentKind {
  if (contentType === 'application/cloudevents+json') return 'structured';
  const [, media = '', parameters = ''] = MEDIA_TYPE.exec(contentType.toLowerCase()) ?? [];
  const charset = CHARSET.exec(parameters)?.[1] ?? 'utf-8';
  if (charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') return 'other';
  if (media === 'application/cloudevents+json') return 'structured';
  if (media === 'application/cloudevents-batch+json') return 'batch';
  if (media.startsWith('application/cloudevents')) return 'other';
  return media === 'application/json' || media === 'text/json' || media.endsWith('+json') ? 'json' : 'other';
}

/** True for anything that the CloudEvents bindings call structured: `application/cloudevents…`. */
export function announcesCloudEvents(contentType: string): boolean {
  return contentType.trimStart().toLowerCase().startsWith('application/cloudevents');
}
