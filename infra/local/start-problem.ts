/** Something the person at the keyboard can put right: the message is a sentence that says how; no stack is shown. */
export class StartProblem extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartProblem';
  }
}
