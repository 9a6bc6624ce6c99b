import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { Problem } from '../problem.js';
import type { AuthSettings } from './auth-settings.js';
import { type Caller, type Role, ROLES } from './caller.js';
import { challenge } from './challenge.js';
import { claimAt, wordsOf } from './claims.js';

export interface KeyPatience {
  /** Milliseconds that the issuer has for its keys. */
  timeoutMs: number;
  /** A key id that is not known makes us look again, at most so often. */
  cooldownMs: number;
  /** After a failure nobody asks the issuer again for so long. */
  retryMs: number;
}
const PATIENCE: KeyPatience = { timeoutMs: 5_000, cooldownMs: 10_000, retryMs: 1_000 };

/** The issuer's keys cannot be had: nobody can be let in, and nobody is refused for what he is. */
class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

/** Tells by a token who calls. Every token is checked against the keys that the issuer publishes. */
export class TokenVerifier {
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly settings: AuthSettings,
    private readonly patience: KeyPatience = PATIENCE,
  ) {
    this.#keys = createRemoteJWKSet(settings.jwksUrl, {
      timeoutDuration: patience.timeoutMs,
      cacheMaxAge: settings.keysMaxAgeMs,
      cooldownDuration: patience.cooldownMs,
      [customFetch]: (url, options) => this.fetchKeys(url, options),
    });
  }

  /** @throws Problem TOKEN_INVALID, TOKEN_EXPIRED, AUTH_UNAVAILABLE */
  async callerOf(token: string): Promise<Caller> {
    const { issuer, audience, algorithms, clockSkewS } = this.settings;
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, this.keyOf, {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockSkewS,
        requiredClaims: ['exp', 'sub'],
      }));
    } catch (error) {
      throw refusal(error);
    }
    return this.toCaller(payload);
  }

  /** Throws when no token can be checked: the keys are not here, and the issuer does not give them. */
  async check(): Promise<void> {
    if (!this.#keys.fresh) await this.#keys.reload();
  }

  private readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    try {
      return await this.#keys(header, token);
    } catch (error) {
      const isOfTheToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      throw isOfTheToken ? error : new KeysUnavailableError('the keys of the issuer cannot be had', { cause: error });
    }
  };

  /** Requests come faster than an issuer that is down can answer: one attempt a second stands for all of them. */
  private async fetchKeys(url: string, options: RequestInit): Promise<Response> {
    if (performance.now() - this.#failedAt < this.patience.retryMs) throw new KeysUnavailableError('tried just now');
    try {
      const response = await fetch(url, options);
      if (response.status !== 200) throw new Error(`the issuer answers ${response.status} for its keys`);
      // Throws where it holds no keys, as the page of a proxy: that too is an attempt which failed.
      createLocalJWKSet((await response.clone().json()) as JSONWebKeySet);
      return response;
    } catch (error) {
      this.#failedAt = performance.now();
      throw error;
    }
  }

  private toCaller(payload: JWTPayload): Caller {
    const { rolesClaim, sourcesClaim, authorClaim, confidentialRoles } = this.settings;
    const words = new Set(wordsOf(claimAt(payload, rolesClaim)));
    const roles = new Set<Role>(ROLES.filter((role) => words.has(role)));
    const author = claimAt(payload, authorClaim);
    return {
      subject: payload.sub ?? '',
      author: typeof author === 'string' && author !== '' ? author : null,
      roles,
      sources: wordsOf(claimAt(payload, sourcesClaim)),
      seesConfidential: [...roles].some((role) => confidentialRoles.has(role)),
      expiresAt: (payload.exp ?? 0) * 1000,
    };
  }
}

/** Says enough to set up a client, and nothing of the keys. */
function refusal(error: unknown): Problem {
  if (error instanceof errors.JWTExpired) {
    return new Problem('TOKEN_EXPIRED', 'the token has ended; get another one', {
      headers: challenge('invalid_token', 'the token has ended'),
    });
  }
  if (error instanceof KeysUnavailableError || !(error instanceof errors.JOSEError)) {
    return new Problem('AUTH_UNAVAILABLE', 'the issuer of the tokens does not answer, so none can be checked', {
      cause: error,
      headers: { 'retry-after': '5' },
    });
  }
  const reason = reasonOf(error);
  return new Problem('TOKEN_INVALID', reason, { headers: challenge('invalid_token', reason) });
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'nbf'
      ? 'the token does not hold yet'
      : `the claim ${error.claim} of the token is not as required`;
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the token does not verify';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the issuer publishes no such key';
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'the token does not name its key';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the algorithm of the token is not taken';
  return 'the token is not a signed JWT';
}
