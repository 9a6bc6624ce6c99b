export { BOUNDARY_SET, BoundarySet, type BoundarySetData, boundarySetData } from './boundary-set.js';
export { findAdmin1, findByCode, findCountry } from './find-region.js';
export { claimedParents, iraqDistricts } from './iraq-places.js';
export { findRegion, isoSet } from './iso-set.js';
export { foldName } from './names.js';
export { placeIn, placeInSets, placeReport } from './place-report.js';
export {
  admin1CodesWithin,
  admin1Of,
  childrenOfRegion,
  type DisputedClaim,
  REGION_LEVELS,
  type Region,
  type RegionCode,
  type RegionLevel,
  regionByCode,
  regions,
} from './regions.js';
export { type Box, boxOf, decodeShape, encodeShape, type Polygons, ShapeError } from './shapes.js';
