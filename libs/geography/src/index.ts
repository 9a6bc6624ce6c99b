export { BOUNDARY_SET, type BoundarySetData, boundarySetData } from './boundary-set.js';
export { findAdmin1, findAreaIn, findByCode, findCountry, findRegion } from './find-region.js';
export { foldAreaName, foldName } from './names.js';
export { placeReport } from './place-report.js';
export {
  admin1CodesWithin,
  admin1Of,
  childrenOfRegion,
  type Region,
  type RegionCode,
  type RegionLevel,
  regionByCode,
  regions,
} from './regions.js';
