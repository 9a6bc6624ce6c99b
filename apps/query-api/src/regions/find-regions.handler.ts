import {
  BOUNDARY_SET,
  childrenOfRegion,
  findRegion,
  foldName,
  type Region,
  regionByCode,
  regions,
} from '#app/geography';
import { Problem } from '#app/http-edge';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { AsOfParameters } from '../asking/as-of.dto.js';
import { asOfDto, type Pinned, pin } from '../asking/pin.js';
import { ReadDatabase } from '../database/read-database.js';
import type { RegionDetailDto, RegionDto, RegionReferenceDto, RegionsParameters } from './regions.dto.js';

export interface RegionList {
  pinned: Pinned;
  /** All that match, by code. */
  found: RegionDto[];
}

/** The gazetteer: areas of the boundary set. */
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
    const pinned = await this.database.read((tx) => pin(tx, asked, position));
    return { pinned, found: matching(asked).map(regionDto) };
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
    const pinned = await this.database.read((tx) => pin(tx, asked));
    const region = findRegion(code);
    if (region === null) throw new Problem('REGION_NOT_FOUND', `no region ${code} in ${pinned.boundary}`);
    const detail = {
      ...regionDto(region),
      path: pathOf(region).map(reference),
      children: childrenOfRegion(region.code).map(reference),
      asOf: asOfDto(pinned),
    };
    return { pinned, region: detail };
  }
}

function matching({ q, parent, level }: RegionsParameters): readonly Region[] {
  const above = parent === undefined ? undefined : findRegion(parent);
  if (above === null) {
    throw new Problem('UNKNOWN_REGION', `region ${String(parent)} is not known`, {
      errors: [{ parameter: 'parent', code: 'UNKNOWN_REGION', detail: `${String(parent)} is not known` }],
    });
  }
  const text = q === undefined ? '' : foldName(q);
  const code = q?.trim().toUpperCase();
  // Nothing but punctuation is no name: it matches nothing, rather than everything.
  if (q !== undefined && text === '') return [];
  return regions().filter(
    (region) =>
      (above === undefined || region.parent === above.code) &&
      (level === undefined || region.level === level) &&
      (q === undefined ||
        region.codes.some((candidate) => candidate.code === code) ||
        region.names.some((name) => foldName(name).includes(text))),
  );
}

function regionDto({ code, level, name, names, parent, country, codes }: Region): Pick<RegionDto, keyof RegionDto> {
  return { code, level, name, names, parent, country, codes, boundarySets: [BOUNDARY_SET] };
}

function pathOf(region: Region): Region[] {
  const above = region.parent === null ? null : regionByCode(region.parent);
  return above === null ? [] : [...pathOf(above), above];
}

function reference({ code, name, level }: Region): RegionReferenceDto {
  return { code, name, level };
}
