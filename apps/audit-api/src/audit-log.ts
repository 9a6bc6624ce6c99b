import { Inject, Injectable } from '@nestjs/common';
import pg from 'pg';
import { Problem } from '#app/http-edge';
import { type AsOfHead, readAsOfHead } from './as-of-head.js';
import { AuditApiConfig } from './audit-api.config.js';

/** The log as this app may read it: the pool of role ledger_audit, and where the log ends now. */
@Injectable()
export class AuditLog {
  constructor(
    @Inject(pg.Pool) readonly pool: pg.Pool,
    private readonly config: AuditApiConfig,
  ) {}

  /** @throws Problem NOT_READY before the first start of ingest has created the log */
  async head(): Promise<AsOfHead> {
    const head = await readAsOfHead(this.pool, this.config.LEDGER_DEFAULT_BOUNDARY);
    if (head === null) throw new Problem('NOT_READY', 'the log does not exist yet: start ingest once');
    return head;
  }

  /** The last position whose effect is in the live figures. */
  async projected(): Promise<number> {
    const { rows } = await this.pool.query<{ position: number }>(
      "SELECT position FROM read_model.generation WHERE status = 'LIVE'",
    );
    return rows[0]?.position ?? -1;
  }

  /**
   * The head that a page is read at: that of the first page, so that pages stay whole while events arrive.
   * @throws Problem BAD_CURSOR for a position that the log does not have
   */
  async headAt(position: number | undefined): Promise<AsOfHead> {
    const head = await this.head();
    if (position === undefined) return head;
    if (position > head.position)
      throw new Problem('BAD_CURSOR', 'the cursor points beyond the log; start again without it');
    const { rows } = await this.pool.query<{ recorded_at: Date }>(
      'SELECT recorded_at FROM ledger.event WHERE log_id = 1 AND position = $1',
      [position],
    );
    const recordedAt = rows[0]?.recorded_at.toISOString() ?? head.recordedAt;
    return { ...head, position, treeSize: position + 1, recordedAt };
  }
}
