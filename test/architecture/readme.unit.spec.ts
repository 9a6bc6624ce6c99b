import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describeConfig, repositoryRoot } from '#app/runtime';
import { AuditApiConfig, AuditKafkaConfig } from '../../apps/audit-api/src/audit-api.config.js';
import { IngestConfig } from '../../apps/ingest/src/ingest.config.js';
import { IntakeApiConfig, IntakeKafkaConfig } from '../../apps/intake-api/src/intake-api.config.js';
import { NotaryConfig } from '../../apps/notary/src/notary.config.js';
import { ProjectorConfig } from '../../apps/projector/src/projector.config.js';
import { RelayConfig } from '../../apps/relay/src/relay.config.js';
import { QueryApiConfig } from '../../apps/query-api/src/query-api.config.js';

const ROOT = repositoryRoot();
const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const CONFIGS = [
  AuditApiConfig,
  AuditKafkaConfig,
  IngestConfig,
  IntakeApiConfig,
  IntakeKafkaConfig,
  NotaryConfig,
  ProjectorConfig,
  QueryApiConfig,
  RelayConfig,
];

describe('the README', () => {
  it.each([...new Set(CONFIGS.flatMap(describeConfig))])('lists the variable %s', (name) =>
    expect(readme).toContain(`\`${name}\``),
  );

  it('links only to what is there', () => {
    const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, target]) => target ?? '');
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((target) => !existsSync(path.join(ROOT, target)))).toEqual([]);
  });

  it('names every guarantee by the file that tries to break it', () => {
    const specs = readdirSync(path.join(ROOT, 'test', 'guarantees'))
      .filter((file) => file.endsWith('.spec.ts'))
      .map((file) => file.replace(/\.(int|e2e|unit)\.spec\.ts$/, ''));
    const named = [...readme.matchAll(/`([a-z*-]+)`/g)].map(([, name]) => name ?? '');
    const isNamed = (spec: string): boolean =>
      named.some((name) => (name.endsWith('*') ? spec.startsWith(name.slice(0, -1)) : spec === name));
    expect(specs.filter((spec) => !isNamed(spec))).toEqual([]);
  });
});
