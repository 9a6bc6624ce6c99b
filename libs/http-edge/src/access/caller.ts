/** What a caller may do; one can have several. */
export const ROLES = ['publisher', 'analyst', 'steward', 'auditor', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** Those who may read figures and the log. */
export const READERS: readonly Role[] = ['analyst', 'steward', 'auditor'];

/** Who asks, as far as this request is concerned. */
export interface Caller {
  /** `sub` of the token; null where no authentication is configured. */
  readonly subject: string | null;
  /** The name under which this caller's decisions are recorded; null where nobody vouches for one. */
  readonly author: string | null;
  readonly roles: ReadonlySet<Role>;
  /** CloudEvents source prefixes that this caller may send under; null for any. */
  readonly sources: readonly string[] | null;
  /** Whether committed values of the confidential tier are shown. */
  readonly seesConfidential: boolean;
  /** Milliseconds since 1970 when the token ends; null without one. */
  readonly expiresAt: number | null;
}

/**
 * Everybody who can reach an app without authentication, which is this machine: may do everything, and sees nothing
 * confidential.
 */
export const ANYBODY: Caller = {
  subject: null,
  author: null,
  roles: new Set(ROLES),
  sources: null,
  seesConfidential: false,
  expiresAt: null,
};

/** On a route that is open, with authentication configured. */
export const STRANGER: Caller = { ...ANYBODY, roles: new Set(), sources: [] };
