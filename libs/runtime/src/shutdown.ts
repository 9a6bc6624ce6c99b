/**
 * Runs `stop` once at SIGTERM or SIGINT, then exits 0; a failing stop exits 1. A second signal exits at once.
 *
 * For processes without a Nest HTTP application, which have their own shutdown hooks.
 */
export function onShutdown(stop: () => Promise<void>): void {
  let stopping = false;
  const shutDown = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', shutDown);
  process.on('SIGINT', shutDown);
}
