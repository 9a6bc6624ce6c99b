import { expect, it } from '@jest/globals';
import { REJECTION_CODES } from '#app/contract';
import { Registry } from 'prom-client';
import { IngestMetrics } from './ingest-metrics.js';

it('counts rejections of every code from zero', async () => {
  const registry = new Registry();
  void new IngestMetrics(registry);
  const { values } = (await registry.getSingleMetric('ledger_ingest_rejections_total')?.get()) ?? { values: [] };
  expect(values).toEqual(Object.keys(REJECTION_CODES).map((code) => ({ labels: { code }, value: 0 })));
});

it('counts messages of every topic that is read from zero, whatever may become of them', async () => {
  const registry = new Registry();
  new IngestMetrics(registry).reads(['a', 'b']);
  const { values } = (await registry.getSingleMetric('ledger_ingest_messages_total')?.get()) ?? { values: [] };
  expect(values).toEqual(
    ['a', 'b'].flatMap((topic) =>
      ['recorded', 'rejected', 'duplicate'].map((outcome) => ({ labels: { topic, outcome }, value: 0 })),
    ),
  );
});
