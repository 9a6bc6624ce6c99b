import { ConfigError } from '#app/runtime';
import type { ApiConfig } from '../api.config.js';
import { type Role, ROLES } from './caller.js';

export interface AuthSettings {
  issuer: string;
  audience: string;
  jwksUrl: URL;
  algorithms: string[];
  clockSkewS: number;
  /** Keys are fetched again after so many milliseconds; so long a key that the issuer took back is still believed. */
  keysMaxAgeMs: number;
  rolesClaim: string;
  sourcesClaim: string;
  authorClaim: string;
  confidentialRoles: ReadonlySet<Role>;
}

/**
 * How tokens are checked; null where no authentication is configured. A part of it alone is an error: it would look like
 * protection and be none.
 *
 * @throws ConfigError
 */
export function authSettings(config: ApiConfig): AuthSettings | null {
  const { AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS_URL } = config;
  if (AUTH_ISSUER === undefined && AUTH_AUDIENCE === undefined && AUTH_JWKS_URL === undefined) return null;
  if (AUTH_ISSUER === undefined || AUTH_AUDIENCE === undefined || AUTH_JWKS_URL === undefined) {
    const missing = Object.entries({ AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS_URL }).filter(
      ([, value]) => value === undefined,
    );
    throw new ConfigError(
      missing.map(([name]) => `${name} must be given: authentication needs issuer, audience and keys`),
    );
  }
  return {
    issuer: AUTH_ISSUER,
    audience: AUTH_AUDIENCE,
    jwksUrl: new URL(AUTH_JWKS_URL),
    algorithms: config.AUTH_ALGORITHMS.split(','),
    clockSkewS: config.AUTH_CLOCK_SKEW_S,
    keysMaxAgeMs: config.AUTH_KEYS_MAX_AGE_S * 1_000,
    rolesClaim: config.AUTH_ROLES_CLAIM,
    sourcesClaim: config.AUTH_SOURCES_CLAIM,
    authorClaim: config.AUTH_AUTHOR_CLAIM,
    confidentialRoles: new Set(ROLES.filter((role) => config.AUTH_CONFIDENTIAL_ROLES.split(',').includes(role))),
  };
}
