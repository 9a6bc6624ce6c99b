import { parseEnvironmentFile, readEnvironment } from './environment.js';

describe('the file of a local run', () => {
  it('is KEY=VALUE lines, with comments, export and quotes', () => {
    const text =
      '# local run\nDATABASE_URL=postgres://a:b@127.0.0.1:1/l?x=y\r\n\nexport KAFKA_BROKERS="127.0.0.1:2"\nnot a line\nLEDGER_AUDIT_URL=\n';
    expect(parseEnvironmentFile(text)).toEqual({
      DATABASE_URL: 'postgres://a:b@127.0.0.1:1/l?x=y',
      KAFKA_BROKERS: '127.0.0.1:2',
      LEDGER_AUDIT_URL: '',
    });
  });
});

describe('the environment', () => {
  it('names one system: what is not set is not taken from a local run beside it', () => {
    const found = readEnvironment({ KAFKA_BROKERS: 'broker:9092', LEDGER_AUDIT_URL: 'https://audit.example' });
    expect(found).toMatchObject({
      databaseUrl: null,
      kafkaBrokers: 'broker:9092',
      auditUrl: 'https://audit.example',
      queryUrl: 'http://127.0.0.1:3000',
      consumerGroup: 'conflict-ledger-ingest',
    });
  });
});
