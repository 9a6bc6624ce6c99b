/** Somebody did not answer in time. */
export class LateError extends Error {
  override readonly name = 'LateError';
}

/**
 * The outcome of `work`, if it comes in time.
 *
 * @param ms what is late goes on, but nobody hears of it any more
 * @throws LateError when the time is over
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new LateError(`no answer in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
