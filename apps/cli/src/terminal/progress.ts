import cliProgress from 'cli-progress';

/** How far a long piece of work is. */
export interface Progress {
  update(done: number, total?: number): void;
  /** Ends the display and says how much was done in which time; a second call does nothing. */
  stop(): void;
}

interface Task {
  task: string;
  /** Null while nobody knows. */
  total: number | null;
  unit: string;
  /** Draw a bar in place; else write plain lines now and then. */
  terminal: boolean;
}

const LINE_EVERY_MS = 2000;

export function startProgress(task: Task, writeLine: (line: string) => void): Progress {
  const drawn = task.terminal ? bar(task) : lines(task, writeLine);
  let stopped = false;
  return {
    update: (done, total) => (stopped ? undefined : drawn.update(done, total)),
    stop() {
      if (!stopped) drawn.stop();
      stopped = true;
    },
  };
}

function bar({ task, total, unit }: Task): Progress {
  const started = performance.now();
  let done = 0;
  const drawn = new cliProgress.SingleBar({
    format: `${task} {bar} {percentage}% | {value}/{total} ${unit} | {rate}/s | {left} left`,
    // Ctrl-C ends the process at once: nothing of the terminal may be left changed.
    hideCursor: false,
    linewrap: true,
    barsize: 24,
  });
  const payload = (): object => ({ rate: rate(done, started), left: timeLeft(done, total, started) });
  drawn.start(total ?? 0, 0, payload());
  return {
    update(now, newTotal) {
      done = now;
      total = newTotal ?? total;
      drawn.setTotal(total ?? Math.max(done, 1));
      drawn.update(done, payload());
    },
    stop() {
      drawn.update(done, payload());
      drawn.stop();
    },
  };
}

function lines({ task, total, unit }: Task, writeLine: (line: string) => void): Progress {
  const started = performance.now();
  let done = 0;
  let lastLine = started;
  const share = (): string =>
    total === null || total === 0 ? '' : ` of ${total} (${Math.floor((100 * done) / total)}%)`;
  return {
    update(now, newTotal) {
      done = now;
      total = newTotal ?? total;
      if (performance.now() - lastLine < LINE_EVERY_MS) return;
      lastLine = performance.now();
      writeLine(`${task}: ${done}${share()} ${unit}, ${rate(done, started)}/s, ${timeLeft(done, total, started)} left`);
    },
    stop() {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      writeLine(`${task}: ${done}${share()} ${unit} in ${seconds} s, ${rate(done, started)}/s`);
    },
  };
}

function rate(done: number, started: number): number {
  return Math.round(done / Math.max(0.001, (performance.now() - started) / 1000));
}

/** From the mean rate so far; `?` before there is one. */
export function timeLeft(done: number, total: number | null, started: number, now = performance.now()): string {
  if (total === null || done === 0) return '?';
  const seconds = Math.ceil((((now - started) / done) * Math.max(0, total - done)) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
