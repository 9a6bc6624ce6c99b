/** What the process tells the shell (docs/cli.md). */
export const EXIT = {
  ok: 0,
  /** The command ran, and what it checked or sent is not all right. */
  failed: 1,
  /** Wrong arguments, a file that cannot be read, a setting that is missing. */
  usage: 2,
  /** A part of the system that the command needs does not answer. */
  unreachable: 3,
} as const;

/** Ends the command with a sentence for the person at the terminal, and no stack. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

export function usageError(message: string): CommandError {
  return new CommandError(message, EXIT.usage);
}

export function unreachable(part: string, reason: string): CommandError {
  return new CommandError(`${part} does not answer: ${reason}`, EXIT.unreachable);
}
