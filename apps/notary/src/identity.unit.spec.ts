import { describe, expect, it } from '@jest/globals';
import { formatVerifierKey, NoteSigner } from '#app/transparency';
import { policyOf } from './identity.js';

const old = NoteSigner.generate('ledger.example/log', 'LOG').verifier;
const next = NoteSigner.generate('ledger.example/log', 'LOG').verifier;
const witness = formatVerifierKey(NoteSigner.generate('witness.example', 'WITNESS').verifier);

describe('the published policy', () => {
  it('trusts every key of the log, and no witness where none is configured', () => {
    const { text, policy } = policyOf(null, [old, next]);
    expect(text).toBe(`log ${formatVerifierKey(old)}\nlog ${formatVerifierKey(next)}\nquorum none\n`);
    expect(policy.logs.map(({ key }) => key)).toEqual([old, next]);
  });

  it('is what the operator wrote, with the keys that are not named there', () => {
    const written = `# ours\nlog ${formatVerifierKey(old)} https://ledger.example/log\nwitness w ${witness} https://w.example\nquorum w`;
    const { text, policy } = policyOf(written, [old, next]);
    expect(text).toBe(`log ${formatVerifierKey(next)}\n${written}\n`);
    expect(policy).toMatchObject({ quorum: 'w', witnesses: [{ name: 'w', url: 'https://w.example' }] });
  });

  it('is refused where the file is no policy', () => {
    expect(() => policyOf('quorum w\n', [old])).toThrow('line 1 of the policy');
  });
});
