import { isReportsTopic, TOPICS } from './topics.js';

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
  return isUnderOneOf(sources.get(topic) ?? sources.get('*') ?? [], ceSource);
}

/** The topics of publishers' own that are named beside that of the contract. */
export function ownReportsTopics(sources: TopicSources): string[] {
  return [...sources.keys()].filter((topic) => isReportsTopic(topic) && topic !== TOPICS.REPORTS);
}

/**
 * Whether a CloudEvents source is under one of these prefixes. A prefix ends where a part of the address ends: what holds
 * for `https://desk.example` holds for `https://desk.example:8443/iraq`, not for `https://desk.example.net`, and not for
 * `https://desk.example:x@evil.example`, whose host is another. Letters are compared, nothing is resolved.
 */
export function isUnderOneOf(prefixes: readonly string[], source: string): boolean {
  return prefixes.some((prefix) => prefix === '*' || source === prefix || isBelow(source, prefix));
}

/** From where the host of an address has ended, or before its port. */
const AFTER_HOST = /^(?::\d+)?(?:[/?#]|$)/;

function isBelow(source: string, prefix: string): boolean {
  if (prefix === '' || !source.startsWith(prefix)) return false;
  const rest = source.slice(prefix.length);
  if (/^(?:[a-z][a-z\d+.-]*:)?\/\/[^/?#]+$/i.test(prefix)) return AFTER_HOST.test(rest);
  return /[/:#?]$/.test(prefix) || /^[/:#?]/.test(rest);
}
