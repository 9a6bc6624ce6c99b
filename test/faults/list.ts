import type { Fault } from './fault.js';
import { nothing } from './injected/nothing.js';

/** In the order in which they are injected. */
export const FAULTS: readonly Fault[] = [nothing];
