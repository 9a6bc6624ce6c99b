/** What can be wrong, by the name under which docs/cli.md explains it. */
export type FindingKind =
  | 'MALFORMED'
  | 'SIGNATURE'
  | 'QUORUM'
  | 'MISSING'
  | 'ENTRY_CHANGED'
  | 'TILE_CHANGED'
  | 'ROOT'
  | 'NOT_CANONICAL'
  | 'POSITION'
  | 'LOG'
  | 'RECORDED_AT'
  | 'ORIGIN'
  | 'ROLLED_BACK'
  | 'FORKED'
  | 'NOT_PROVED'
  | 'NOT_COMMITTED'
  | 'CHANGED'
  | 'REMOVED'
  | 'INSERTED'
  | 'SWAPPED'
  | 'TRUNCATED'
  | 'APPENDED_AGAIN'
  | 'COLUMN'
  | 'STREAM'
  | 'LOST'
  | 'NOT_ERASED'
  | 'SEAL_BROKEN'
  | 'NOT_CHECKED';

/** One thing that is wrong. */
export interface Finding {
  kind: FindingKind;
  /** A sentence for people. */
  detail: string;
  /** Of the log; the first one, where several are concerned. */
  position?: number;
  /** File below the prefix of the log. */
  path?: string;
  /** How many positions it concerns, where that can be more than one. */
  count?: number;
}

/** The outcome of one check; `kind` and `position` are those of the first finding. */
export interface Check {
  name: string;
  ok: boolean;
  detail: string;
  position?: number;
  kind?: FindingKind;
  findings?: readonly Finding[];
}

/** Collects what is wrong, up to a limit: a log that is damaged everywhere must not fill the memory. */
export class Findings {
  readonly #list: Finding[] = [];

  constructor(private readonly limit: number) {}

  add(...findings: readonly Finding[]): void {
    this.#list.push(...findings.slice(0, this.limit - this.#list.length));
  }

  /** What turned out to be something else. */
  replace(finding: Finding, other: Finding): void {
    const index = this.#list.indexOf(finding);
    if (index >= 0) this.#list[index] = other;
  }

  get list(): readonly Finding[] {
    return this.#list;
  }

  /** Whoever fills it may stop. */
  get isFull(): boolean {
    return this.#list.length >= this.limit;
  }

  /** @param passed the sentence for a check that found nothing */
  toCheck(name: string, passed: string): Check {
    const sorted = this.#list.toSorted((a, b) => (a.position ?? Infinity) - (b.position ?? Infinity));
    const [first] = sorted;
    if (first === undefined) return { name, ok: true, detail: passed };
    return failed(name, first, sorted);
  }
}

/** A check that found something. */
export function failed(name: string, first: Finding, findings: readonly Finding[] = [first]): Check {
  const { kind, detail, position } = first;
  return { name, ok: false, detail, kind, ...(position === undefined ? {} : { position }), findings };
}
