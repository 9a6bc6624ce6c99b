import { ApiConfig } from '#app/http-edge';
import { IsInt, IsNotEmpty, IsString, Matches, Max, Min } from 'class-validator';
import { BOUNDARY_SET } from '#app/geography';
import { IsCrashPoint } from '#app/runtime';
import { CRASH_POINTS } from './crash-points.js';

/** Environment of query-api. No secret has a default. */
export class QueryApiConfig extends ApiConfig {
  override HTTP_PORT: number = 3000;

  @Matches(/^postgres(ql)?:\/\//, { message: 'DATABASE_URL must be a postgres:// address' })
  DATABASE_URL!: string;

  /** Opens the committed values of the open tier (summary, tags, URLs) when they are read. */
  @IsString({ message: 'LEDGER_MASTER_KEY_FILE must name the file that holds the master key' })
  @IsNotEmpty()
  LEDGER_MASTER_KEY_FILE!: string;

  /** Must be active; until it is, requests that do not name another are refused UNKNOWN_BOUNDARY. */
  @Matches(/^[a-z][a-z0-9-]{1,39}$/, {
    message: 'LEDGER_DEFAULT_BOUNDARY must name a boundary set, for instance cod-ab',
  })
  LEDGER_DEFAULT_BOUNDARY: string = BOUNDARY_SET;

  /** Milliseconds after which a query is stopped and answered 503 QUERY_TIMEOUT. */
  @IsInt({ message: 'QUERY_TIMEOUT_MS must be a number of milliseconds' })
  @Min(100)
  @Max(600_000)
  QUERY_TIMEOUT_MS: number = 20_000;

  /** For fault tests only. */
  @IsCrashPoint(CRASH_POINTS)
  LEDGER_CRASH_AT?: string;
}
