import { type logCreator, logLevel } from 'kafkajs';
import type { Logger } from 'pino';

/** What kafkajs calls an error although it tries again by itself, and succeeds, a moment later. */
const PASSES_BY_ITSELF =
  /group coordinator is not available|coordinator is loading|group is rebalancing|Rebalance in progress|not the leader|does not host this topic-partition|not aware of this member|not the correct coordinator|Restarting the consumer/i;

/**
 * The client's own log lines as JSON lines of the app, one level lower than it thinks: what matters is told by the
 * supervisor and the metrics. Lines that every fresh broker and every rebalance causes are kept for debugging only.
 */
export function logThrough(logger: Logger): logCreator {
  const log = logger.child({ context: 'kafka' });
  return () =>
    ({ level, namespace, log: { message, error, ...rest } }) => {
      const said = `${message} ${typeof error === 'string' ? error : ''}`;
      const details = {
        namespace,
        ...(typeof error === 'string' ? { error } : {}),
        ...pick(rest, ['groupId', 'memberId', 'topic', 'partition', 'broker', 'retryCount', 'retryTime']),
      };
      if (PASSES_BY_ITSELF.test(said)) log.debug(details, message);
      else if (level === logLevel.ERROR) log.warn(details, message);
      else log.debug(details, message);
    };
}

function pick(from: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]));
}
