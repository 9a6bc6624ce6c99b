export { ConfigError, describeConfig, loadConfig } from './config.js';
export { createLogger, NestLogger } from './logger.js';
export { metricsFor } from './metrics.js';
export { migrate } from './postgres/migrate.js';
export { createPool, type PoolOptions } from './postgres/pool.js';
export { isTransient, isViolationOf } from './postgres/errors.js';
export { withTransaction } from './postgres/transaction.js';
export { repositoryRoot } from './repository-root.js';
export { onShutdown } from './shutdown.js';
