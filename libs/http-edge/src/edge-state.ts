import type { Registry } from 'prom-client';
import type { Checks } from './checks.js';

/** What the health and metrics routes need: the app's registry, and its checks once the app exists. */
export class EdgeState {
  isDraining = false;

  constructor(
    readonly registry: Registry,
    public checks: Checks,
    /** What the app is, for people. */
    readonly about: { title: string; description: string },
  ) {}
}
