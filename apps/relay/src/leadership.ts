import type { Pool, PoolClient } from 'pg';

/** The first key of our advisory locks for relays; the second is the log. */
const LOCK_CLASS = "hashtext('relay.lead')";

/**
 * At most one relay per log leads: it holds an advisory lock for as long as its connection lives, and the lock goes with
 * the connection, whatever ends it.
 *
 * A relay whose connection was cut may still be sending when the next one leads. That is harmless: both send in order from
 * a checkpoint before which everything was sent, so of every key the first copy of an event never comes before the first
 * copy of the one before it; and the compare-and-set on the checkpoint stops the one that is behind.
 */
export class Leadership {
  private connection: PoolClient | null = null;

  constructor(
    private readonly pool: Pool,
    private readonly logId: number,
  ) {}

  /** True when this relay leads, from before or from now on. */
  async take(): Promise<boolean> {
    if (this.connection !== null) return true;
    const client = await this.pool.connect();
    // Without a listener a connection that breaks would end the process; it stays for as long as the connection is ours.
    const lost = (): void => this.lost(client);
    client.on('error', lost);
    try {
      const { rows } = await client.query<{ taken: boolean }>(
        `SELECT pg_try_advisory_lock(${LOCK_CLASS}, $1) AS taken`,
        [this.logId],
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
