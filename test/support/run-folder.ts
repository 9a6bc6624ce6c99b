import { makeTestFolder, removeTestFolder, RUN_MARK } from '../../infra/local/test-services.js';

let own: string | undefined;

/** The folder of the test run, removed at its end; for a test run by jest alone one that goes with the process. */
export function runFolder(): string {
  const given = process.env[RUN_MARK];
  if (given) return given;
  if (own === undefined) {
    const made = makeTestFolder();
    process.on('exit', () => removeTestFolder(made));
    own = made;
  }
  return own;
}
