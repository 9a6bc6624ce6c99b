/** Per topic the CloudEvents `source` prefixes that it may carry; `*` = any. */
export type TopicSources = ReadonlyMap<string, readonly string[]>;

/**
 * Reads LEDGER_TOPIC_SOURCES: `topic=prefix,prefix;topic=…`, or `*` alone for any source on any topic.
 * A topic that is not named may carry nothing. Throws an Error in plain words when the text cannot be read.
 */
export function parseTopicSources(text: string): TopicSources {
  const sources = new Map<string, readonly string[]>();
  if (text.trim() === '*') return new Map([['*', ['*']]]);
  for (const entry of text.split(';')) {
    if (entry.trim() === '') continue;
    const equals = entry.indexOf('=');
    const topic = entry.slice(0, Math.max(equals, 0)).trim();
    const prefixes = entry
      .slice(equals + 1)
      .split(',')
      .map((prefix) => prefix.trim())
      .filter((prefix) => prefix !== '');
    if (topic === '' || prefixes.length === 0 || sources.has(topic)) {
      throw new Error(
        `LEDGER_TOPIC_SOURCES: write "topic=prefix,prefix;topic=…", each topic once; cannot read "${entry}"`,
      );
    }
    sources.set(topic, prefixes);
  }
  return sources;
}

/** True when this topic may carry this CloudEvents source. */
export function sourceAllowedOn(sources: TopicSources, topic: string, ceSource: string): boolean {
  const prefixes = sources.get(topic) ?? sources.get('*') ?? [];
  return prefixes.some((prefix) => prefix === '*' || ceSource.startsWith(prefix));
}
