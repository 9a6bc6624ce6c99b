import { describe, expect, it } from '@jest/globals';
import { createHash, createHmac, createSecretKey } from 'node:crypto';
import { contentDigest, identityOf, incidentIdOf, uuidV5, uuidV7 } from './identifiers.js';

describe('identifiers', () => {
  it('version 5 as in RFC 9562, appendix A.4', () => {
    expect(uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
  });

  it('version 7: milliseconds first, never the same twice', () => {
    const now = 0x017f22e279b0;
    const ids = Array.from({ length: 5000 }, () => uuidV7(now));
    for (const id of ids) expect(id).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  // Published: changing one of these breaks every log there is.
  it('of an incident is pinned, byte-exact', () => {
    expect(incidentIdOf('https://mosul-eye.example', '2018-11-08-mosul-abu-layla')).toBe(
      '5621a991-5f65-53e0-8b81-63bf8f76a253',
    );
    expect(incidentIdOf('https://a', 'b')).not.toBe(incidentIdOf('https://a', 'B'));
    expect(incidentIdOf('https://a","', 'b')).not.toBe(incidentIdOf('https://a', '","b'));
  });

  it('of a message is the start of SHA-256(JCS([source, id]))', () => {
    const hash = createHash('sha256').update('["https://a","x/1"]').digest('hex');
    expect(identityOf('https://a', 'x/1').replaceAll('-', '')).toBe(hash.slice(0, 32));
  });

  it('of content is keyed, and the same for the same content in another order', () => {
    const key = createSecretKey(Buffer.alloc(32, 1));
    const mac = createHmac('sha256', key).update('{"data":{"a":1,"b":2},"type":"t"}').digest('hex');
    const digest = contentDigest(key, { type: 't', data: { b: 2, a: 1 } });
    expect(digest.replaceAll('-', '')).toBe(mac.slice(0, 32));
    expect(contentDigest(key, { type: 't', data: { a: 1, b: 2 } })).toBe(digest);
    expect(contentDigest(createSecretKey(Buffer.alloc(32, 2)), { type: 't', data: { a: 1, b: 2 } })).not.toBe(digest);
  });
});
