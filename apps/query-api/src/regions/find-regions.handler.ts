import type { BoundarySet, Region } from '#app/geography';
import { Problem } from '#app/http-edge';
import { readBoundarySets } from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { EntityManager } from 'typeorm';
import type { AsOfParameters } from '../asking/as-of.dto.js';
import { asOfDto, type Pinned, pin } from '../asking/pin.js';
import { ReadDatabase } from '../database/read-database.js';
import { readSet } from './gazetteer.js';
import type { RegionDetailDto, RegionDto, RegionsParameters } from './regions.dto.js';
import { findShown, reference, regionDto, searchFor, shownRegions } from './shown-regions.js';

export interface RegionList {
  pinned: Pinned;
  /** All that match, by code. */
  found: RegionDto[];
}

/** The gazetteer: areas of the boundary set, and the groups and places that are built in. */
export class FindRegions extends Query<RegionList> {
  constructor(
    readonly asked: RegionsParameters,
    readonly position?: number,
  ) {
    super();
  }
}

@QueryHandler(FindRegions)
export class FindRegionsHandler implements IQueryHandler<FindRegions> {
  constructor(private readonly database: ReadDatabase) {}

  async execute({ asked, position }: FindRegions): Promise<RegionList> {
    const { pinned, sets } = await this.database.read((tx) => pinWithSets(tx, asked, position));
    return { pinned, found: matching(pinned.set, asked).map((region) => regionDto(pinned.set, region, sets)) };
  }
}

export class GetRegion extends Query<{ pinned: Pinned; region: RegionDetailDto }> {
  constructor(
    readonly code: string,
    readonly asked: AsOfParameters,
  ) {
    super();
  }
}

@QueryHandler(GetRegion)
export class GetRegionHandler implements IQueryHandler<GetRegion> {
  constructor(private readonly database: ReadDatabase) {}

  async execute({ code, asked }: GetRegion): Promise<{ pinned: Pinned; region: RegionDetailDto }> {
    const { pinned, sets } = await this.database.read((tx) => pinWithSets(tx, asked));
    const { set } = pinned;
    const region = findShown(set, code);
    if (region === null) throw new Problem('REGION_NOT_FOUND', `no region ${code} in ${pinned.boundary}`);
    const above = region.parent === null ? null : set.area(region.parent);
    const detail = {
      ...regionDto(set, region, sets),
      path: above === null ? [] : set.path(above).toReversed().map(reference),
      children: shownRegions(set)
        .filter(({ parent }) => parent === region.code)
        .map(reference),
      asOf: asOfDto(pinned),
    };
    return { pinned, region: detail };
  }
}

/** The state of the answer, with every boundary set that was active then. */
async function pinWithSets(
  tx: EntityManager,
  asked: AsOfParameters,
  position?: number,
): Promise<{ pinned: Pinned; sets: BoundarySet[] }> {
  const pinned = await pin(tx, asked, position);
  const sets: BoundarySet[] = [];
  for (const active of await readBoundarySets(tx, pinned.asOf)) {
    const set = active.name === pinned.boundary ? pinned.set : await readSet(tx, active);
    if (set !== null) sets.push(set);
  }
  return { pinned, sets };
}

function matching(set: BoundarySet, { q, parent, level }: RegionsParameters): readonly Region[] {
  const above = parent === undefined ? undefined : findShown(set, parent);
  if (above === null) {
    throw new Problem('UNKNOWN_REGION', `region ${String(parent)} is not known`, {
      errors: [{ parameter: 'parent', code: 'UNKNOWN_REGION', detail: `${String(parent)} is not known` }],
    });
  }
  const isAskedFor = q === undefined ? () => true : searchFor(q);
  return shownRegions(set).filter(
    (region) =>
      (above === undefined || region.parent === above.code) &&
      (level === undefined || region.level === level) &&
      isAskedFor(region),
  );
}
