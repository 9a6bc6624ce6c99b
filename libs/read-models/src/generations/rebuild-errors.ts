import type { ReadModelTable } from '../rows.js';

/** The rebuilt tables are not those that readers see. Nothing was switched; the new generation stays for inspection. */
export class RebuildDiffersError extends Error {
  constructor(
    readonly tables: readonly ReadModelTable[],
    readonly position: number,
  ) {
    super(
      `the rebuilt figures differ from the live ones as of position ${position} in: ${tables.join(', ')}. Nothing was switched.`,
    );
    this.name = 'RebuildDiffersError';
  }
}

export class RebuildRunningError extends Error {
  constructor() {
    super('another rebuild is running');
    this.name = 'RebuildRunningError';
  }
}
