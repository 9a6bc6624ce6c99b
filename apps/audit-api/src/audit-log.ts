import { Inject, Injectable } from '@nestjs/common';
import pg from 'pg';
import { Problem } from '#app/http-edge';
import { AS_OF_FORMS, parseAsOf, positionAsOf } from '#app/read-models';
import { type AsOfHead, logAsOf, readAsOf, readHead } from './as-of-head.js';
import { AuditApiConfig } from './audit-api.config.js';

/** The log as this app may read it: the pool of role ledger_audit, and the states of the log that answers are read at. */
@Injectable()
export class AuditLog {
  constructor(
    @Inject(pg.Pool) readonly pool: pg.Pool,
    private readonly config: AuditApiConfig,
  ) {}

  /** Where the log ends now. @throws Problem NOT_READY before the first start of ingest has created the log */
  head(): Promise<AsOfHead> {
    return this.asOf(undefined);
  }

  /** The last position whose effect is in the live figures. */
  async projected(): Promise<number> {
    const { rows } = await this.pool.query<{ position: number }>(
      "SELECT position FROM read_model.generation WHERE status = 'LIVE'",
    );
    return rows[0]?.position ?? -1;
  }

  /**
   * The state of the log that an answer shows.
   * @param text `asOf=` as given
   * @param pinned position of a cursor, which wins: that of the first page, so that pages stay whole while events arrive
   * @throws Problem INVALID_PARAMETER, AS_OF_OUT_OF_RANGE; BAD_CURSOR for a cursor's position that the log does not have
   */
  async asOf(text: string | undefined, pinned?: number): Promise<AsOfHead> {
    const request = pinned === undefined ? parseAsOf(text) : ({ kind: 'position', position: pinned } as const);
    if (request === null) throw Problem.invalidParameter('asOf', AS_OF_FORMS);
    const head = await readHead(this.pool);
    if (head === null) throw new Problem('NOT_READY', 'the log does not exist yet: start ingest once');
    const position = await positionAsOf(request, logAsOf(this.pool, head.position));
    if (typeof position === 'string') {
      if (pinned !== undefined)
        throw new Problem('BAD_CURSOR', 'the cursor points beyond the log; start again without it');
      throw new Problem('AS_OF_OUT_OF_RANGE', `asOf: ${position}`, {
        errors: [{ parameter: 'asOf', code: 'OUT_OF_RANGE', detail: position }],
      });
    }
    const boundary = this.config.LEDGER_DEFAULT_BOUNDARY;
    return readAsOf(this.pool, position, { projection: head.projection, boundary });
  }
}
