import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as asyncapi from '@asyncapi/parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { decodeMessage } from '../decode/decode-message.js';
import { isCivilDate, isTimestamp } from '../rules/time.js';
import { TOPICS, TYPES } from '../topics.js';
import { validateData } from '../validate/validate-data.js';
import { asyncApiDocument } from './async-api-document.js';

jest.setTimeout(60_000);

/** Severities of the parser's diagnostics. */
const ERROR = 0;
const WARNING = 1;

interface Finding {
  severity: number;
  code: string | number;
  message: string;
  path: (string | number)[];
}

interface Message {
  name: string;
  contentType: string;
  payload: object;
  headers?: object;
  examples?: { name: string; headers?: Record<string, string>; payload: unknown }[];
}

const document = asyncApiDocument() as {
  channels: Record<string, { address: string; messages: Record<string, { $ref: string }> }>;
  components: { messages: Record<string, Message>; schemas: Record<string, object> };
};
const messages = Object.entries(document.components.messages);
const examples = messages.flatMap(([key, message]) =>
  (message.examples ?? []).map((example) => ({ key, message, example })),
);

/** The schemas of the document as any reader would compile them. */
function compile(schema: object): (value: unknown) => boolean {
  const ajv = new Ajv2020({
    strict: false,
    formats: { date: isCivilDate, 'date-time': isTimestamp, uuid: /^[0-9a-f-]{36}$/ },
  });
  const { components } = document;
  return ajv.compile({ ...structuredClone(schema), components });
}

describe('the AsyncAPI document', () => {
  let diagnostics: Finding[];
  let parsed: asyncapi.AsyncAPIDocumentInterface | undefined;
  beforeAll(async () => {
    const result = await new asyncapi.Parser().parse(JSON.stringify(document));
    ({ diagnostics, document: parsed } = result);
  });

  it('is valid AsyncAPI 3 to the official parser, with nothing to warn of', () => {
    // What the parser would merely like: a licence, a contact, tags, servers.
    const grave = diagnostics.filter(({ severity }) => severity <= WARNING);
    expect(grave.map(({ code, message, path: at }) => `${code} ${at.join('/')} ${message}`)).toEqual([]);
    expect(parsed?.version()).toBe('3.0.0');
  });

  it('would not be, to the parser, with an operation on a channel that is not there', async () => {
    const broken = { ...document, channels: {} };
    const result = await new asyncapi.Parser().parse(JSON.stringify(broken));
    const findings: Finding[] = result.diagnostics;
    expect(findings.some(({ severity }) => severity === ERROR)).toBe(true);
  });

  it('has every topic of the contract, and what the ledger does on it', () => {
    const channels = parsed?.channels().all() ?? [];
    expect(channels.map((channel) => String(channel.address())).toSorted()).toEqual(Object.values(TOPICS).toSorted());
    const actions = (parsed?.operations().all() ?? []).map((operation) => [
      operation.channels().all()[0]?.address(),
      operation.action(),
    ]);
    expect(Object.fromEntries(actions)).toEqual({
      [TOPICS.REPORTS]: 'receive',
      [TOPICS.DECISIONS]: 'receive',
      [TOPICS.REJECTED]: 'send',
      [TOPICS.EVENTS]: 'send',
    });
  });

  it('has an example of every type that is taken in, in both content modes', () => {
    const names = messages.filter(([, { examples: some }]) => some?.length).map(([, { name }]) => name);
    expect(names).toEqual(
      expect.arrayContaining(Object.values(TYPES).flatMap((type) => [type, `${type} (structured)`])),
    );
  });
});

describe('its examples', () => {
  const inbound = examples.filter(({ key }) => !key.startsWith('recorded') && key !== 'rejected');

  it.each(inbound.map((one) => [`${one.key} ${one.example.name}`, one] as const))(
    '%s is a message that the ledger takes',
    (_name, { message, example }) => {
      const headers = example.headers ?? { 'content-type': message.contentType };
      const decoded = decodeMessage({
        key: null,
        value: Buffer.from(JSON.stringify(example.payload)),
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)])),
      });
      if (decoded.kind !== 'event') throw new Error(JSON.stringify(decoded));
      expect(`${message.name} `).toContain(`${decoded.cloudEvent.type} `);
      expect(validateData(decoded.cloudEvent.type, decoded.data)).toEqual([]);
    },
  );

  it.each(examples.map((one) => [`${one.key} ${one.example.name}`, one] as const))(
    '%s fits the schemas beside it',
    (_name, { message, example }) => {
      expect(compile(message.payload)(example.payload)).toBe(true);
      if (message.headers && example.headers) expect(compile(message.headers)(example.headers)).toBe(true);
    },
  );
});

describe('its schema of a recorded event', () => {
  const leaves = readFileSync(
    path.join(import.meta.dirname, '../../../../test/guarantees/corpus/leaves-v1.ndjson'),
    'utf8',
  )
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });

  it.each(leaves.map((leaf) => [leaf.type, leaf] as const))('describes %s as it was recorded', (type, leaf) => {
    const message = document.components.messages[`recorded${type}`];
    const accepts = compile(message?.payload ?? (false as never));
    expect(accepts(leaf)).toBe(true);
    expect(accepts({ ...leaf, type: 'Another' })).toBe(false);
    expect(accepts({ ...leaf, more: 1 })).toBe(false);
  });
});
