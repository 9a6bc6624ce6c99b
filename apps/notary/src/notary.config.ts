import { HttpConfig } from '#app/http-edge';
import { IsCrashPoint } from '#app/runtime';
import { IsInt, IsNotEmpty, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { CRASH_POINTS } from './crash-points.js';

/** Environment of the notary. No secret has a default. */
export class NotaryConfig extends HttpConfig {
  @Matches(/^postgres(ql)?:\/\//, { message: 'DATABASE_URL must be a postgres:// address' })
  DATABASE_URL!: string;

  // A key's name has neither white space nor a plus sign (C2SP signed-note), and the origin is the key's name.
  @Matches(/^[^+\s]+$/u, { message: 'LEDGER_LOG_ORIGIN must name the log, without spaces and plus signs' })
  LEDGER_LOG_ORIGIN!: string;

  @IsString({ message: 'LEDGER_SIGNING_KEY_FILE must name the file of the signing keys' })
  @IsNotEmpty()
  LEDGER_SIGNING_KEY_FILE!: string;

  @IsString({ message: 'LEDGER_TILES_DIR must name the folder that is published' })
  @IsNotEmpty()
  LEDGER_TILES_DIR!: string;

  @IsOptional()
  @IsString()
  LEDGER_WITNESS_POLICY_FILE?: string;

  @IsInt({ message: 'LEDGER_WITNESS_TIMEOUT_MS must be a number of milliseconds from 10 to 60000' })
  @Min(10)
  @Max(60_000)
  LEDGER_WITNESS_TIMEOUT_MS: number = 1000;

  @IsInt({ message: 'LEDGER_CHECKPOINT_INTERVAL_MS must be a number of milliseconds from 10 to 60000' })
  @Min(10)
  @Max(60_000)
  LEDGER_CHECKPOINT_INTERVAL_MS: number = 1000;

  @IsInt({ message: 'HTTP_PORT must be a port number' })
  @Min(0)
  @Max(65_535)
  override HTTP_PORT: number = 3013;

  /** For fault tests only. */
  @IsCrashPoint(CRASH_POINTS)
  LEDGER_CRASH_AT?: string;
}
