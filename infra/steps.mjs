// Shows what is being done and how long it took: a spinner on a terminal, plain lines elsewhere.

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const isTerminal = process.stdout.isTTY;

/**
 * Runs `work`, which may tell more through `note(text)`. What it returns, when a text, is shown as the result.
 * @template T
 * @param {string} title
 * @param {(note: (text: string) => void) => T | Promise<T>} work
 * @param {(result: T) => string | undefined} [describe] what to show of the result
 * @returns {Promise<T>}
 */
export async function step(title, work, describe = (result) => (typeof result === 'string' ? result : undefined)) {
  const started = performance.now();
  const line = liveLine(title);
  try {
    const result = await work((text) => line.note(text));
    line.end('✓', describe(result), started);
    return result;
  } catch (error) {
    line.end('✗', undefined, started);
    throw error;
  }
}

export function say(text) {
  process.stdout.write(`${text}\n`);
}

function liveLine(title) {
  let detail = '';
  let frame = 0;
  const draw = () =>
    process.stdout.write(`\r\u001B[2K${frames[frame++ % frames.length]} ${title}${detail && `: ${detail}`}`);
  const timer = isTerminal ? setInterval(draw, 80) : undefined;
  timer?.unref();
  return {
    note(text) {
      detail = text;
      if (!isTerminal) say(`  ${title}: ${text}`);
    },
    end(mark, result, started) {
      clearInterval(timer);
      if (isTerminal) process.stdout.write('\r\u001B[2K');
      say(`${mark} ${title}${result ? `: ${result}` : ''} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    },
  };
}
