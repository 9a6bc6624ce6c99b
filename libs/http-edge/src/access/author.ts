import { Problem } from '../problem.js';
import type { Caller } from './caller.js';

/** One line, as the log takes it (contract §1, `by`). */
const NAME = /^[^\p{Cc}\u2028\u2029]{1,200}$/u;

/**
 * The name under which a caller's decision is recorded: that of the token, which nobody can choose. Without authentication it
 * is what the caller says.
 *
 * @param said the name in the decision itself, whatever it is
 * @throws Problem AUTHOR_NOT_CALLER when it is another; FORBIDDEN when the token names nobody
 */
export function authorOf({ subject, author }: Caller, said: unknown): unknown {
  if (subject === null) return said;
  if (author === null || !NAME.test(author)) {
    throw new Problem('FORBIDDEN', 'the token does not hold the claim that names the author of a decision');
  }
  if (said === undefined || said === null || said === author) return author;
  throw new Problem('AUTHOR_NOT_CALLER', `a decision of yours is by ${author}: leave \`by\` out, or give this`);
}
