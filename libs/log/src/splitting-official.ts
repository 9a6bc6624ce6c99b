import type { KeyObject } from 'node:crypto';
import type { Aggregate, Party, PublicAggregate, PublicSite, PublicTrend, Report, Site, Trend } from '#app/domain';
import { type Committed, type Hide, hiding, publicSource } from './splitting.js';

export interface SplitOfficial<T> {
  /** What the leaf embeds. */
  public: T;
  committed: Committed;
}

/** Divides an aggregate: beside what every source commits, why an area is excluded is free text. */
export function splitAggregate(aggregate: Aggregate, pseudonymKey: KeyObject): SplitOfficial<PublicAggregate> {
  const committed: Committed = new Map();
  const split: PublicAggregate = withoutNames(aggregate, committed, hiding(committed, pseudonymKey));
  const exclusions = aggregate.coverageExclusions;
  if (exclusions) {
    split.coverageExclusions = exclusions.map(({ code, reason }, index) => {
      if (typeof reason === 'string') committed.set(`/coverageExclusions/${index}/reason`, reason);
      return { code };
    });
  }
  return { public: split, committed };
}

/** Divides a trend: who asserts it may be protected, as the publisher may. */
export function splitTrend(trend: Trend, pseudonymKey: KeyObject): SplitOfficial<PublicTrend> {
  const committed: Committed = new Map();
  const hide = hiding(committed, pseudonymKey);
  const split = withoutNames(trend, committed, hide);
  if (trend.by) split.by = hide(trend.by, '/by');
  return { public: split, committed };
}

/** Divides a site. */
export function splitSite(site: Site, pseudonymKey: KeyObject): SplitOfficial<PublicSite> {
  const committed: Committed = new Map();
  return { public: withoutNames(site, committed, hiding(committed, pseudonymKey)), committed };
}

interface Published {
  publisher: Party;
  source?: Report['source'] | null;
}

function withoutNames<T extends Published>(data: T, committed: Committed, hide: Hide): T {
  const split = { ...data, publisher: hide(data.publisher, '/publisher') };
  if (data.source) split.source = publicSource(data.source, committed, hide);
  return split;
}
