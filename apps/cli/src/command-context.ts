import type { Command } from 'commander';
import { type Environment, readEnvironment } from './environment.js';
import { createOutput, type Output } from './terminal/output.js';

/** What every command gets. */
export interface Context {
  environment: Environment;
  output: Output;
}

/** Adapts a command's work to commander: builds the context, and turns the answer into the exit code. */
export function action(
  work: (context: Context, ...values: never[]) => Promise<number>,
): (...values: unknown[]) => Promise<void> {
  return async (...values) => {
    const command = values.at(-1) as Command;
    const { json } = command.optsWithGlobals<{ json?: boolean }>();
    const context = { environment: readEnvironment(), output: createOutput(json === true) };
    process.exitCode = await work(context, ...(values.slice(0, -1) as never[]));
  };
}
