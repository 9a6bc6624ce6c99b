import { Worker } from 'node:worker_threads';

/** Works on jobs, several at once. */
export interface Runner<Job, Answer> {
  /** How many it works on at once. */
  readonly threads: number;
  run(job: Job): Promise<Answer>;
  close(): Promise<void>;
}

/** Of a thread's heap. It keeps nothing from one job to the next, and left alone it would not hurry to forget. */
const LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 96 };

/**
 * @param program what a thread runs: jobs in, their answers out, in the same order
 * @param data what it is to know from the beginning
 */
export function threadedRunner<Job, Answer>(threads: number, program: URL, data?: unknown): Runner<Job, Answer> {
  const workers = Array.from({ length: threads }, () => new Thread<Job, Answer>(program, data));
  return {
    threads,
    run: (job) => workers.reduce((least, one) => (one.waiting < least.waiting ? one : least)).run(job),
    close: async () => void (await Promise.all(workers.map((worker) => worker.close()))),
  };
}

interface Waiting<Answer> {
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}

/** A thread answers in the order in which it was asked. */
class Thread<Job, Answer> {
  readonly #worker: Worker;
  readonly #queue: Waiting<Answer>[] = [];
  #failure: Error | null = null;

  constructor(program: URL, workerData: unknown) {
    this.#worker = new Worker(program, { resourceLimits: LIMITS, workerData });
    this.#worker.on('message', (answer: Answer) => this.#queue.shift()?.resolve(answer));
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('a thread of the check has ended')));
  }

  get waiting(): number {
    return this.#queue.length;
  }

  run(job: Job): Promise<Answer> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#queue.push({ resolve, reject });
      this.#worker.postMessage(job, []);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#queue.splice(0)) reject(error);
  }
}

/** Ranges a thread has before it: one in work, one waiting. */
const AHEAD = 2;

/** The answers to jobs, in the order of the jobs; so many of them are worked on at once as a runner has use for. */
export async function* inOrder<Job, Answer>(
  runner: Runner<Job, Answer>,
  jobs: Iterable<Promise<Job>>,
): AsyncGenerator<Answer, void, undefined> {
  const running: Promise<Answer>[] = [];
  for (const coming of jobs) {
    const answer = coming.then((job) => runner.run(job));
    // Whoever awaits it hears of a failure; if an earlier one fails first, nobody does.
    answer.catch(() => undefined);
    running.push(answer);
    if (running.length >= runner.threads * AHEAD) yield (await running.shift()) as Answer;
  }
  for (const answer of running) yield await answer;
}
