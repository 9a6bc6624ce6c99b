import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { Role } from '#app/http-edge';

/** Claims of a token; `undefined` leaves one out that is there otherwise. */
export type TestClaims = JWTPayload & Record<string, unknown>;

const ISSUER = 'https://issuer.test/realms/ledger';
const AUDIENCE = 'conflict-ledger';

interface Key {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

/** An issuer of tokens with its keys at an address on loopback, as an OpenID provider has them. */
export class TestIssuer {
  private readonly keys: Key[] = [];
  private server: Server | null = null;
  private port = 0;
  /** How often the keys were fetched. */
  fetches = 0;
  /** What is answered in place of the keys. */
  page: string | null = null;

  static async start(): Promise<TestIssuer> {
    const issuer = new TestIssuer();
    await issuer.addKey('ES256');
    await issuer.listen();
    return issuer;
  }

  get jwksUrl(): string {
    return `http://127.0.0.1:${this.port}/certs`;
  }

  /** What an app needs to take the tokens of this issuer. */
  get env(): Record<'AUTH_ISSUER' | 'AUTH_AUDIENCE' | 'AUTH_JWKS_URL', string> {
    return { AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE, AUTH_JWKS_URL: this.jwksUrl };
  }

  /** Signs with the newest key. */
  async addKey(alg: string): Promise<Key> {
    const pair = await generateKeyPair(alg, { extractable: true });
    const key = { kid: `key-${this.keys.length + 1}`, alg, ...pair };
    this.keys.push(key);
    return key;
  }

  /** Does not publish its oldest key any more. */
  dropOldestKey(): void {
    this.keys.shift();
  }

  get newestKey(): Key {
    const key = this.keys.at(-1);
    if (key === undefined) throw new Error('this issuer has no key');
    return key;
  }

  /** The public key as text, which a forger may take for an HMAC secret. */
  async publicPem(): Promise<string> {
    return exportSPKI(this.newestKey.publicKey);
  }

  /** A token of somebody with some roles, good for five minutes. */
  async token(roles: readonly Role[], claims: TestClaims = {}, key: Key = this.newestKey): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      iss: ISSUER,
      aud: AUDIENCE,
      sub: `somebody-${roles.join('-')}`,
      iat: now,
      exp: now + 300,
      roles: [...roles],
      ...claims,
    };
    return new SignJWT(payload).setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt' }).sign(key.privateKey);
  }

  async listen(): Promise<void> {
    this.server = createServer((_request, response) => {
      this.fetches += 1;
      void this.answer(response);
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    ({ port: this.port } = this.server.address() as AddressInfo);
  }

  /** Nobody answers any more; `listen` brings it back at the same address. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  }

  private async answer(response: ServerResponse): Promise<void> {
    const keys: JWK[] = await Promise.all(
      this.keys.map(async ({ publicKey, kid, alg }) => ({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' })),
    );
    response.setHeader('content-type', 'application/json');
    response.end(this.page ?? JSON.stringify({ keys }));
  }
}

/** What forgers try, by name. Each is refused, whatever roles it claims. */
export async function forgedTokens(issuer: TestIssuer): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000);
  const everything: readonly Role[] = ['publisher', 'analyst', 'steward', 'auditor', 'operator'];
  const good = await issuer.token(everything);
  const [head = '', body = '', signature = ''] = good.split('.');
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
  const stranger = await generateKeyPair(issuer.newestKey.alg, { extractable: true });
  const { kid, alg } = issuer.newestKey;
  const shared = new TextEncoder().encode(await issuer.publicPem());
  const hs256 = await new SignJWT({ ...payload }).setProtectedHeader({ alg: 'HS256', kid }).sign(shared);
  return {
    'signed by another key': await issuer.token(everything, {}, { kid, alg, ...stranger }),
    'signed by a key that is not published': await issuer.token(everything, {}, { kid: 'unknown', alg, ...stranger }),
    'with a changed payload': `${head}.${encoded({ ...payload, sub: 'another' })}.${signature}`,
    'with a cut signature': `${head}.${body}.${signature.slice(0, -8)}`,
    'without a signature': `${head}.${body}.`,
    'of algorithm none': `${encoded({ alg: 'none', typ: 'JWT' })}.${body}.`,
    'signed with the public key as a secret': hs256,
    'with its own key in the header': `${encoded({ alg, jwk: await exportJWK(stranger.publicKey) })}.${body}.${signature}`,
    'with an unknown critical header': `${encoded({ alg, kid, crit: ['x'], x: 1 })}.${body}.${signature}`,
    'for another audience': await issuer.token(everything, { aud: 'another-service' }),
    'without an audience': await issuer.token(everything, { aud: undefined }),
    'of another issuer': await issuer.token(everything, { iss: 'https://evil.test' }),
    'without a subject': await issuer.token(everything, { sub: undefined }),
    'that never ends': await issuer.token(everything, { exp: undefined }),
    'that does not hold yet': await issuer.token(everything, { nbf: now + 600 }),
    'that has ended': await issuer.token(everything, { exp: now - 120 }),
    'that is no JWT': 'abc',
    'that is too long': `${'a'.repeat(20_000)}.${body}.${signature}`,
  };
}
