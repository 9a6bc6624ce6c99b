import { HttpConfig } from '#app/http-edge';
import { IsIn, IsInt, IsNotEmpty, IsString, Matches, Max, Min } from 'class-validator';
import { BOUNDARY_SET } from '#app/geography';

/** Environment of query-api. No secret has a default. */
export class QueryApiConfig extends HttpConfig {
  override HTTP_PORT: number = 3000;

  @Matches(/^postgres(ql)?:\/\//, { message: 'DATABASE_URL must be a postgres:// address' })
  DATABASE_URL!: string;

  /** Opens the committed values of the open tier (summary, tags, URLs) when they are read. */
  @IsString({ message: 'LEDGER_MASTER_KEY_FILE must name the file that holds the master key' })
  @IsNotEmpty()
  LEDGER_MASTER_KEY_FILE!: string;

  @IsIn([BOUNDARY_SET], { message: `LEDGER_DEFAULT_BOUNDARY must be ${BOUNDARY_SET}` })
  LEDGER_DEFAULT_BOUNDARY: string = BOUNDARY_SET;

  /** Milliseconds after which a query is stopped and answered 503 QUERY_TIMEOUT. */
  @IsInt({ message: 'QUERY_TIMEOUT_MS must be a number of milliseconds' })
  @Min(100)
  @Max(600_000)
  QUERY_TIMEOUT_MS: number = 20_000;
}
