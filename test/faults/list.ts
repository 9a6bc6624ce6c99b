import type { Fault } from './fault.js';
import { brokerFailover } from './injected/broker-failover.js';
import { clockSteps } from './injected/clock-steps.js';
import { connectionsExhausted } from './injected/connections-exhausted.js';
import { deadlocks } from './injected/deadlocks.js';
import { duplicatesAndDisorder } from './injected/duplicates-and-disorder.js';
import { fullDisk } from './injected/full-disk.js';
import { killAnyApp } from './injected/kill-any-app.js';
import { killAuditApi } from './injected/kill-audit-api.js';
import { killBroker } from './injected/kill-broker.js';
import { killIngest } from './injected/kill-ingest.js';
import { killIntakeApi } from './injected/kill-intake-api.js';
import { killNotary } from './injected/kill-notary.js';
import { killPostgres } from './injected/kill-postgres.js';
import { killProjector } from './injected/kill-projector.js';
import { killQueryApi } from './injected/kill-query-api.js';
import { killRelay } from './injected/kill-relay.js';
import { longTransactionElsewhere } from './injected/long-transaction-elsewhere.js';
import { lostCommit } from './injected/lost-commit.js';
import { messagesExpired } from './injected/messages-expired.js';
import { migrationKilled } from './injected/migration-killed.js';
import { nothing } from './injected/nothing.js';
import { offsetsReset } from './injected/offsets-reset.js';
import { partitionAdded } from './injected/partition-added.js';
import { rebalanceStorm } from './injected/rebalance-storm.js';
import { rebuildKilled } from './injected/rebuild-killed.js';
import { sigtermUnderLoad } from './injected/sigterm-under-load.js';
import { silentConnections } from './injected/silent-connections.js';
import { sleepPastSession } from './injected/sleep-past-session.js';
import { slowReaders } from './injected/slow-readers.js';
import { topicMadeAnew } from './injected/topic-made-anew.js';
import { twoOfOne } from './injected/two-of-one.js';
import { uncleanElection } from './injected/unclean-election.js';
import { mixesOf } from './mixes.js';

const SINGLE: readonly Fault[] = [
  nothing,
  killIngest,
  killProjector,
  killNotary,
  killRelay,
  killIntakeApi,
  killQueryApi,
  killAuditApi,
  killAnyApp,
  killPostgres,
  killBroker,
  lostCommit,
  silentConnections,
  sleepPastSession,
  rebalanceStorm,
  twoOfOne,
  sigtermUnderLoad,
  duplicatesAndDisorder,
  offsetsReset,
  partitionAdded,
  messagesExpired,
  topicMadeAnew,
  fullDisk,
  clockSteps,
  connectionsExhausted,
  deadlocks,
  longTransactionElsewhere,
  slowReaders,
  rebuildKilled,
  migrationKilled,
];

const ON_A_CLUSTER: readonly Fault[] = [uncleanElection, brokerFailover];

/** In the order in which they are injected. */
export const FAULTS: readonly Fault[] = [...SINGLE, mixesOf(SINGLE), ...ON_A_CLUSTER];
