import { readSnapshots, type Snapshot } from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { AsOfParameters } from '../asking/as-of.dto.js';
import { type Pinned, pin } from '../asking/pin.js';
import { ReadDatabase } from '../database/read-database.js';

/** The snapshots that were sealed by a position. */
export class ListSnapshots extends Query<{ pinned: Pinned; snapshots: Snapshot[] }> {
  constructor(readonly asked: AsOfParameters) {
    super();
  }
}

@QueryHandler(ListSnapshots)
export class ListSnapshotsHandler implements IQueryHandler<ListSnapshots> {
  constructor(private readonly database: ReadDatabase) {}

  execute({ asked }: ListSnapshots): Promise<{ pinned: Pinned; snapshots: Snapshot[] }> {
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, asked);
      return { pinned, snapshots: await readSnapshots(tx, pinned.asOf) };
    });
  }
}
