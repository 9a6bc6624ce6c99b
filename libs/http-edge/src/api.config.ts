import { IsInt, IsNotEmpty, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { HttpConfig } from './http.config.js';

const ROLE_LIST = /^(analyst|steward|auditor)(,(analyst|steward|auditor))*$/;
const PER_MINUTE_MAX = 10_000_000;

/** Environment of an app that others call: who may call it, and how much it takes. Extend it with what the app needs. */
export class ApiConfig extends HttpConfig {
  /** `iss` of the tokens. Without it there is no authentication, and the app listens on loopback only. */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  AUTH_ISSUER?: string;

  /** `aud` of the tokens: the name of this service at the issuer, not that of a client. */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  AUTH_AUDIENCE?: string;

  /** Where the issuer publishes its keys. */
  @IsOptional()
  @Matches(/^(https:\/\/[^\s]+|http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])[:/][^\s]*)$/, {
    message: 'AUTH_JWKS_URL must be an https:// address (http:// on loopback only)',
  })
  AUTH_JWKS_URL?: string;

  /** Signature algorithms that are taken; asymmetric ones only, whatever the issuer publishes. */
  @Matches(
    /^(RS|PS|ES)(256|384|512)(,((RS|PS|ES)(256|384|512)|EdDSA|Ed25519))*$|^(EdDSA|Ed25519)(,((RS|PS|ES)(256|384|512)|EdDSA|Ed25519))*$/,
    {
      message: 'AUTH_ALGORITHMS must list asymmetric algorithms, for instance RS256,ES256,EdDSA',
    },
  )
  AUTH_ALGORITHMS: string = 'RS256,PS256,ES256,ES384,EdDSA,Ed25519';

  /** Seconds by which the clocks of issuer and app may differ. */
  @IsInt({ message: 'AUTH_CLOCK_SKEW_S must be a number of seconds' })
  @Min(0)
  @Max(300)
  AUTH_CLOCK_SKEW_S: number = 30;

  /** Seconds for which the issuer's keys are kept: so long one that it has taken back is still believed. */
  @IsInt({ message: 'AUTH_KEYS_MAX_AGE_S must be a number of seconds from 10 to 3600' })
  @Min(10)
  @Max(3_600)
  AUTH_KEYS_MAX_AGE_S: number = 600;

  /** Claim that holds the roles; a path with dots for a nested one, for instance `realm_access.roles`. */
  @IsString()
  @IsNotEmpty()
  AUTH_ROLES_CLAIM: string = 'roles';

  /** Claim that holds the CloudEvents source prefixes which a caller may send under. */
  @IsString()
  @IsNotEmpty()
  AUTH_SOURCES_CLAIM: string = 'sources';

  /** Claim under which a caller's decisions are recorded, in the public log: one that is unique, and that users cannot edit. */
  @IsString()
  @IsNotEmpty()
  AUTH_AUTHOR_CLAIM: string = 'sub';

  /** Roles to which the confidential tier is shown. */
  @Matches(ROLE_LIST, { message: 'AUTH_CONFIDENTIAL_ROLES must list roles of analyst, steward, auditor' })
  AUTH_CONFIDENTIAL_ROLES: string = 'steward,auditor';

  /** Addresses (or CIDR ranges) of the proxies whose X-Forwarded-For, -Proto and -Host are believed. */
  @IsOptional()
  @Matches(/^[0-9a-fA-F.:/]+(,[0-9a-fA-F.:/]+)*$/, {
    message: 'HTTP_TRUSTED_PROXIES must list addresses or ranges, for instance 10.0.0.0/8,127.0.0.1',
  })
  HTTP_TRUSTED_PROXIES?: string;

  @IsInt({ message: 'HTTP_MAX_CONNECTIONS must be a number' })
  @Min(1)
  @Max(65_535)
  HTTP_MAX_CONNECTIONS: number = 1_000;

  /** Requests a minute of one caller (by subject, else by address); 0 for any. */
  @IsOptional()
  @IsInt({ message: 'RATE_LIMIT_PER_MINUTE must be a number' })
  @Min(0)
  @Max(PER_MINUTE_MAX)
  RATE_LIMIT_PER_MINUTE?: number;

  /** Of those that cost much: citations, replays. */
  @IsOptional()
  @IsInt({ message: 'RATE_LIMIT_COSTLY_PER_MINUTE must be a number' })
  @Min(0)
  @Max(PER_MINUTE_MAX)
  RATE_LIMIT_COSTLY_PER_MINUTE?: number;

  /** Of those that are open to anyone, by address: tiles, descriptions. */
  @IsOptional()
  @IsInt({ message: 'RATE_LIMIT_OPEN_PER_MINUTE must be a number' })
  @Min(0)
  @Max(PER_MINUTE_MAX)
  RATE_LIMIT_OPEN_PER_MINUTE?: number;
}
