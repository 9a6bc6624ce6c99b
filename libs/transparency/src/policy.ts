import { MalformedError } from './errors.js';
import { parseVerifierKey, signaturesOf, type VerifierKey, verifySignature } from './keys.js';
import type { SignedNote } from './signed-note.js';

export interface PolicyLog {
  key: VerifierKey;
  url: string | null;
}
export interface PolicyWitness {
  name: string;
  key: VerifierKey;
  /** Where it takes checkpoints (its submission prefix). */
  url: string | null;
}
export interface PolicyGroup {
  name: string;
  /** How many of the members must have witnessed. */
  threshold: number;
  members: string[];
}

/** Which logs are trusted, and whose cosignatures make a checkpoint witnessed (C2SP tlog-policy). */
export interface Policy {
  logs: PolicyLog[];
  witnesses: PolicyWitness[];
  groups: PolicyGroup[];
  /** Name of a witness or group, or `none`. */
  quorum: string;
}

const NO_QUORUM = 'none';

/** @throws MalformedError with the number of the line */
export function parsePolicy(text: string): Policy {
  const policy: Policy = { logs: [], witnesses: [], groups: [], quorum: '' };
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    const [keyword, ...rest] = words;
    if (keyword === undefined || keyword.startsWith('#')) continue;
    try {
      readLine(policy, keyword, rest);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw new MalformedError(`line ${index + 1} of the policy: ${error.message}`, { cause: error });
    }
  }
  if (policy.quorum === '')
    throw new MalformedError('the policy has no quorum line: "quorum none" asks for no witness');
  return policy;
}

function readLine(policy: Policy, keyword: string, words: readonly string[]): void {
  switch (keyword) {
    case 'log':
      return readLog(policy, words);
    case 'witness':
      return readWitness(policy, words);
    case 'group':
      return readGroup(policy, words);
    case 'quorum':
      return readQuorum(policy, words);
    default:
      throw new MalformedError(`"${keyword}" is not log, witness, group or quorum`);
  }
}

function readLog(policy: Policy, [vkey, url, ...rest]: readonly string[]): void {
  if (vkey === undefined || rest.length > 0) throw new MalformedError('log <vkey> [<url>]');
  const key = parseVerifierKey(vkey);
  if (key.kind !== 'LOG') throw new MalformedError(`the key of ${key.name} is not one of a log`);
  if (policy.logs.some((log) => log.key.publicKey.equals(key.publicKey)))
    throw new MalformedError('the log is there twice');
  policy.logs.push({ key, url: url ?? null });
}

function readWitness(policy: Policy, [name, vkey, url, ...rest]: readonly string[]): void {
  if (name === undefined || vkey === undefined || rest.length > 0)
    throw new MalformedError('witness <name> <vkey> [<url>]');
  const key = parseVerifierKey(vkey);
  if (key.kind === 'LOG') throw new MalformedError(`the key of ${name} is not one of a witness`);
  if (policy.witnesses.some((other) => other.key.publicKey.equals(key.publicKey))) {
    throw new MalformedError(`the key of ${name} is there twice`);
  }
  checkNewName(policy, name);
  policy.witnesses.push({ name, key, url: url ?? null });
}

function readGroup(policy: Policy, [name, count, ...members]: readonly string[]): void {
  if (name === undefined || count === undefined || members.length === 0) {
    throw new MalformedError('group <name> <all|any|k> <name>…');
  }
  checkNewName(policy, name);
  for (const [index, member] of members.entries()) {
    if (!isDefined(policy, member)) throw new MalformedError(`${member} is not defined above`);
    const isTaken = members.indexOf(member) !== index || policy.groups.some((group) => group.members.includes(member));
    if (isTaken) throw new MalformedError(`${member} is in a group already`);
  }
  policy.groups.push({ name, threshold: thresholdOf(count, members.length), members });
}

function thresholdOf(count: string, members: number): number {
  if (count === 'all') return members;
  if (count === 'any') return 1;
  if (!/^[1-9]\d*$/.test(count) || Number(count) > members) {
    throw new MalformedError(`"${count}" of ${members}: all, any, or a number from 1 to ${members}`);
  }
  return Number(count);
}

function readQuorum(policy: Policy, [name, ...rest]: readonly string[]): void {
  if (name === undefined || rest.length > 0) throw new MalformedError('quorum <name|none>');
  if (policy.quorum !== '') throw new MalformedError('there is a quorum already');
  if (name !== NO_QUORUM && !isDefined(policy, name)) throw new MalformedError(`${name} is not defined above`);
  policy.quorum = name;
}

function checkNewName(policy: Policy, name: string): void {
  if (name === NO_QUORUM || isDefined(policy, name)) throw new MalformedError(`the name ${name} is taken`);
}

function isDefined({ witnesses, groups }: Policy, name: string): boolean {
  return [...witnesses, ...groups].some((one) => one.name === name);
}

/** A cosignature that verified. */
export interface Cosigned {
  witness: PolicyWitness;
  time: Date;
}

/**
 * Which witnesses of a policy have cosigned a note, and whether they are enough.
 *
 * A signature under a witness's name and id that does not verify is no cosignature. One of a kind that cannot be checked
 * here counts as none either: a quorum that needs it is never reached, and no other is reached more easily.
 */
export function witnessedBy(policy: Policy, note: SignedNote): { cosigned: Cosigned[]; isQuorum: boolean } {
  const cosigned = policy.witnesses.flatMap((witness) => {
    for (const { signature } of signaturesOf(note.signatures, witness.key)) {
      const time = verifySignature(witness.key, note.text, signature)?.time;
      if (time) return [{ witness, time }];
    }
    return [];
  });
  const reached = new Set(cosigned.map(({ witness }) => witness.name));
  // A group names only what is above it, so one pass in order is enough.
  for (const { name, threshold, members } of policy.groups) {
    if (members.filter((member) => reached.has(member)).length >= threshold) reached.add(name);
  }
  return { cosigned, isQuorum: policy.quorum === NO_QUORUM || reached.has(policy.quorum) };
}
