export {
  type AreaContent,
  type BoundarySetContent,
  builtInSha256,
  findNewestSet,
  listBoundarySets,
  loadBoundarySet,
  loadContent,
  type SetRow,
} from './read-sets.js';
export { lockSet, type Written, writeBoundarySet } from './write-set.js';
