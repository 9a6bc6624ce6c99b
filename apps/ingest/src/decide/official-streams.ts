import { streamIdOf } from '#app/log';
import type { OfficialReading } from '../read-message/read-message.js';

/** The stream of a publisher's series, trend or site; a withdrawal goes to the stream of what it withdraws. */
export function officialStreamOf({ event: { source }, data }: OfficialReading): string {
  if ('seriesId' in data) return streamIdOf(source, 'aggregate', data.seriesId);
  if ('trendId' in data) return streamIdOf(source, 'trend', data.trendId);
  return streamIdOf(source, 'site', data.siteRef);
}
