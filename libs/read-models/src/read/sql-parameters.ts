/** Values of a statement that is put together from parts. Values never become SQL text. */
export class SqlParameters {
  readonly values: unknown[] = [];

  /** @returns the placeholder, for instance `$3` */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
