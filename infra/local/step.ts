/** `step` of infra/steps.mjs: shows what is being done and how long it took. A text that `work` returns is shown too. */
export type Step = <T>(
  title: string,
  work: (note: (text: string) => void) => T | Promise<T>,
  describe?: (result: T) => string | undefined,
) => Promise<T>;
