import type { QueryArrayConfig, QueryArrayResult, QueryConfig, QueryResult, QueryResultRow } from 'pg';

/** What the log needs of a connection: a pg Pool, PoolClient or Client. Named `tx` where a transaction must be open. */
export interface Database {
  query<R extends unknown[]>(config: QueryArrayConfig): Promise<QueryArrayResult<R>>;
  /** With a name the statement is planned once per connection. */
  query<R extends QueryResultRow>(config: QueryConfig): Promise<QueryResult<R>>;
  query<R extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<R>>;
}

/**
 * Between the values of a joined parameter: U+001E, which JCS text never holds raw. node-postgres encodes a `text[]`
 * by escaping every quote; one joined text and `string_to_array($1, chr(30), '')` costs a fraction of that.
 */
const SEPARATOR = '\u001e';

/** One parameter of many values; null and '' both arrive as NULL. */
export function joined(values: readonly (string | number | null)[]): string {
  return values.join(SEPARATOR);
}
