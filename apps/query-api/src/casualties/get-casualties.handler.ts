import { Problem } from '#app/http-edge';
import {
  CELLS_MAX,
  type Dimension,
  type FigureCell,
  type FigureRequest,
  type FigureShape,
  type GroupFigures,
  GroupSums,
  periodOf,
  PERIODS,
  type OpenCandidates,
  type Publication,
  readCellsBetween,
  readFigureCells,
  readOpenCandidates,
  shownMeasures,
} from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { EntityManager } from 'typeorm';
import { type Pinned, pin } from '../asking/pin.js';
import { resolvePublication } from '../asking/publication.js';
import { resolveFilter } from '../asking/resolve-filter.js';
import { ReadDatabase } from '../database/read-database.js';
import type { CasualtiesParameters, GroupKeyDto } from './casualties.dto.js';
import { groupKey, sortKey } from './group-keys.js';

/** A group with its figures. `status` is in the key where figures are grouped by it. */
export interface CasualtyGroup extends GroupFigures {
  group: GroupKeyDto;
}

export interface Casualties {
  pinned: Pinned;
  /** All groups, sorted. */
  groups: CasualtyGroup[];
  total: GroupFigures;
  publication: Publication | null;
  candidates: OpenCandidates;
}

/** Casualty figures (contract §3), as of the position of a cursor where one is given. */
export class GetCasualties extends Query<Casualties> {
  constructor(
    readonly asked: CasualtiesParameters,
    readonly position?: number,
  ) {
    super();
  }
}

@QueryHandler(GetCasualties)
export class GetCasualtiesHandler implements IQueryHandler<GetCasualties> {
  constructor(private readonly database: ReadDatabase) {}

  execute({ asked, position }: GetCasualties): Promise<Casualties> {
    const dimensions = asked.groupBy ?? [];
    assertDimensions(dimensions);
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, asked, position);
      const filter = await resolveFilter(tx, asked, pinned);
      const publication = await resolvePublication(tx, asked.publishedUntil, pinned);
      const request: FigureRequest = { filter, dimensions, estimator: asked.estimator ?? null, publication };
      const shape = shapeOf(request);
      const cells = await readCells(tx, pinned, request);
      const isByStatus = dimensions.includes('status');
      const groups = isByStatus ? groupsByStatus(cells, dimensions, shape) : groupsOf(cells, dimensions, shape);
      // Parts never add up to a total: it is read for itself.
      const total = isByStatus ? await readTotal(tx, pinned, request) : sumOf(cells).figures(shape);
      const candidates = await readOpenCandidates(tx, pinned.asOf, filter, publication);
      return { pinned, groups, total, publication, candidates };
    });
  }
}

export function assertDimensions(dimensions: readonly Dimension[]): void {
  const of = (list: readonly string[]): number => dimensions.filter((dimension) => list.includes(dimension)).length;
  if (of(PERIODS) > 1) throw Problem.invalidParameter('groupBy', 'takes at most one of day, week, month and year');
  if (of(['region:country', 'region:admin1', 'region:admin2']) > 1) {
    throw Problem.invalidParameter('groupBy', 'takes at most one region level');
  }
}

function shapeOf({ filter, dimensions, estimator }: FigureRequest): FigureShape {
  return {
    measures: shownMeasures(filter.measures),
    hasEstimator: estimator !== null,
    isBelowAdmin1: dimensions.includes('region:admin2'),
    period: periodOf(dimensions),
  };
}

/** All groups together. Its period and its lowest areas stay: they say how many are known only more coarsely. */
export async function readTotal(tx: EntityManager, pinned: Pinned, request: FigureRequest): Promise<GroupFigures> {
  const dimensions = request.dimensions.filter(
    (dimension) => (PERIODS as readonly string[]).includes(dimension) || dimension === 'region:admin2',
  );
  return sumOf(await readCells(tx, pinned, { ...request, dimensions })).figures(shapeOf(request));
}

/** All incidents together at two positions. */
export async function readTotalsBetween(
  tx: EntityManager,
  { from, to }: { from: Pinned; to: Pinned },
  request: FigureRequest,
  publications: { from: Publication | null; to: Publication | null },
): Promise<{ before: GroupFigures; after: GroupFigures }> {
  if (publications.from !== null || publications.to !== null) {
    const [before, after] = [
      await readTotal(tx, from, { ...request, publication: publications.from }),
      await readTotal(tx, to, { ...request, publication: publications.to }),
    ];
    return { before, after };
  }
  const { before, after } = await readCellsBetween(tx, { from: from.asOf, to: to.asOf }, request);
  const figures = (cells: FigureCell[] | null): GroupFigures =>
    sumOf(notTooMany(cells, request)).figures(shapeOf(request));
  return { before: figures(before), after: figures(after) };
}

export async function readCells(tx: EntityManager, pinned: Pinned, request: FigureRequest): Promise<FigureCell[]> {
  return notTooMany(await readFigureCells(tx, pinned.asOf, request), request);
}

function notTooMany(cells: FigureCell[] | null, { dimensions }: FigureRequest): FigureCell[] {
  if (cells !== null) return cells;
  const period = periodOf(dimensions);
  throw new Problem(
    'TOO_MANY_GROUPS',
    `the answer would be put together from more than ${CELLS_MAX} sums; ask for a region, a shorter time${period === undefined ? '' : `, a longer period than ${period}`} or fewer groups`,
  );
}

function sumOf(cells: readonly FigureCell[]): GroupSums {
  const sums = new GroupSums();
  for (const cell of cells) sums.add(cell);
  return sums;
}

function groupsOf(cells: readonly FigureCell[], dimensions: readonly Dimension[], shape: FigureShape): CasualtyGroup[] {
  // Without a grouping there is one group, even when nothing is in it.
  if (dimensions.length === 0) return [{ group: {}, ...sumOf(cells).figures(shape) }];
  return gather(cells, dimensions).map(({ group, members }) => ({ group, ...sumOf(members).figures(shape) }));
}

/** One group per victim status that has figures; each counts all incidents of the group as the ones it is silent about. */
function groupsByStatus(
  cells: readonly FigureCell[],
  dimensions: readonly Dimension[],
  shape: FigureShape,
): CasualtyGroup[] {
  const groups = gather(cells, dimensions).flatMap(({ group, members }) => {
    const isCount = ({ measure }: FigureCell): boolean => measure === 'INCIDENT' || measure === 'FLAG';
    const statuses = new Set(members.filter((cell) => !isCount(cell)).map(({ part }) => part));
    return [...statuses].map((status) => ({
      group: Object.assign({}, group, { status }),
      ...sumOf(members.filter((cell) => isCount(cell) || cell.part === status)).figures(shape),
    }));
  });
  return sorted(groups, dimensions);
}

function gather(
  cells: readonly FigureCell[],
  dimensions: readonly Dimension[],
): { group: GroupKeyDto; members: FigureCell[] }[] {
  const byKey = new Map<string, { group: GroupKeyDto; members: FigureCell[] }>();
  for (const cell of cells) {
    const group = groupKey(cell, dimensions);
    const key = sortKey(group, dimensions);
    const found = byKey.get(key);
    if (found === undefined) byKey.set(key, { group, members: [cell] });
    else found.members.push(cell);
  }
  return sorted([...byKey.values()], dimensions);
}

function sorted<T extends { group: GroupKeyDto }>(groups: T[], dimensions: readonly Dimension[]): T[] {
  const keyed = groups.map((group) => ({ group, key: sortKey(group.group, dimensions) }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ group }) => group);
}
