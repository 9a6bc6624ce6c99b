import { Problem } from '#app/http-edge';
import {
  type Candidate,
  type CandidateFilter,
  type CandidateKey,
  countCandidates,
  readCandidatePage,
  readCountsUnder,
} from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { EntityManager } from 'typeorm';
import { type Pinned, pin } from '../asking/pin.js';
import { resolveFilter } from '../asking/resolve-filter.js';
import { ReadDatabase } from '../database/read-database.js';
import type { DuplicatesParameters } from './duplicates.dto.js';

export interface DuplicateList {
  pinned: Pinned;
  rows: Candidate[];
  /** Where the next page begins; null after the last. */
  after: CandidateKey | null;
  total: number;
}

/** Where a page begins. The position is pinned, so what the first page counted holds for all. */
export interface DuplicateCursor {
  position: number;
  after: CandidateKey;
  total: number;
}

/** One page of candidate duplicates. */
export class ListDuplicates extends Query<DuplicateList> {
  constructor(
    readonly asked: DuplicatesParameters,
    readonly page: { limit: number; cursor: DuplicateCursor | null },
  ) {
    super();
  }
}

@QueryHandler(ListDuplicates)
export class ListDuplicatesHandler implements IQueryHandler<ListDuplicates> {
  constructor(private readonly database: ReadDatabase) {}

  execute({ asked, page: { limit, cursor } }: ListDuplicates): Promise<DuplicateList> {
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, asked, cursor?.position);
      const filter = await filterOf(tx, asked, pinned);
      const { rows, after } = await readCandidatePage(tx, pinned.asOf, filter, { limit, after: cursor?.after ?? null });
      const total = cursor?.total ?? (await countCandidates(tx, pinned.asOf, filter));
      return { pinned, rows, after, total };
    });
  }
}

async function filterOf(tx: EntityManager, asked: DuplicatesParameters, pinned: Pinned): Promise<CandidateFilter> {
  const { boundary, regions, publishers } = await resolveFilter(tx, asked, pinned);
  const incident = asked.incident === undefined ? null : await readCountsUnder(tx, pinned.asOf, asked.incident);
  if (asked.incident !== undefined && incident === null) {
    throw new Problem('INCIDENT_NOT_FOUND', `no incident ${asked.incident} as of position ${pinned.asOf.position}`);
  }
  return { incident, boundary, regions, publishers, minScore: asked.minScore ?? 0 };
}
