import type { Pool, PoolClient } from 'pg';

/**
 * At most one process of a kind leads per log: it holds an advisory lock for as long as its connection lives, and the lock
 * goes with the connection, whatever ends it.
 *
 * One whose connection was cut may still be at work when the next one leads: what must not happen twice needs a
 * compare-and-set of its own.
 */
export class Leadership {
  private connection: PoolClient | null = null;

  /** @param of the kind of process, and which log */
  constructor(
    private readonly pool: Pool,
    private readonly of: { kind: string; logId: number },
  ) {}

  /** True when this process leads, from before or from now on. */
  async take(): Promise<boolean> {
    if (this.connection !== null) return true;
    const client = await this.pool.connect();
    // Without a listener a connection that breaks would end the process; it stays for as long as the connection is ours.
    const lost = (): void => this.lost(client);
    client.on('error', lost);
    try {
      const { kind, logId } = this.of;
      const { rows } = await client.query<{ taken: boolean }>(
        'SELECT pg_try_advisory_lock(hashtext($1), $2) AS taken',
        [`${kind}.lead`, logId],
      );
      if (rows[0]?.taken === true) {
        this.connection = client;
        return true;
      }
    } catch (error) {
      client.release(true);
      throw error;
    }
    client.off('error', lost);
    client.release();
    return false;
  }

  /** Gives the lead away: ends the connection that holds the lock. */
  release(): void {
    this.connection?.release(true);
    this.connection = null;
  }

  private lost(client: PoolClient): void {
    if (this.connection !== client) return;
    this.connection = null;
    client.release(true);
  }
}
