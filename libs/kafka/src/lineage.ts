/**
 * Which log a partition is. A topic made anew under its name has another id; a log that was cut off, since its broker lost what it had
 * acknowledged, goes on under another leader epoch.
 */
export interface Lineage {
  /** As Kafka's own tools write it; null when the broker does not tell (before 2.8). */
  topicId: string | null;
  /** Grows with every change of the leader, its restarts among them. */
  epoch: number | null;
}

/** Where one side is not known, it may be the same. */
export function isSameTopic(one: Lineage, other: Lineage): boolean {
  return one.topicId === null || other.topicId === null || one.topicId === other.topicId;
}

export function isSame(one: Lineage, other: Lineage): boolean {
  return isSameTopic(one, other) && (one.epoch === null || other.epoch === null || one.epoch === other.epoch);
}

/** Within one topic epochs only grow: whoever tells an older one has slept, or was set back. */
export function isOlder(one: Lineage, other: Lineage): boolean {
  const isKnown = one.topicId !== null && one.epoch !== null && other.epoch !== null;
  return isKnown && one.topicId === other.topicId && Number(one.epoch) < Number(other.epoch);
}
