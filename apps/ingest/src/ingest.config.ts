import { KafkaSettings } from '#app/kafka';
import { IsCrashPoint } from '#app/runtime';
import { IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { CRASH_POINTS } from './crash-points.js';

/** Environment of the ingest process. No secret has a default. */
export class IngestConfig extends KafkaSettings {
  @Matches(/^postgres(ql)?:\/\//, { message: 'DATABASE_URL must be a postgres:// address' })
  DATABASE_URL!: string;

  @IsString({ message: 'LEDGER_MASTER_KEY_FILE must name the file that holds the master key' })
  LEDGER_MASTER_KEY_FILE!: string;

  @IsString({ message: 'LEDGER_TOPIC_SOURCES must list the sources per topic: topic=prefix,prefix;topic=… (* = any)' })
  LEDGER_TOPIC_SOURCES!: string;

  @IsString({ message: 'LEDGER_LOG_ORIGIN must name the log, for instance ledger.example.org/log' })
  LEDGER_LOG_ORIGIN!: string;

  @IsOptional()
  @IsString()
  LEDGER_CONSUMER_GROUP: string = 'conflict-ledger-ingest';

  @IsOptional()
  @IsString()
  HTTP_HOST: string = '127.0.0.1';

  @IsOptional()
  @IsInt({ message: 'HTTP_PORT must be a port number' })
  @Min(0)
  @Max(65535)
  HTTP_PORT: number = 3010;

  /** For fault tests only. */
  @IsCrashPoint(CRASH_POINTS)
  LEDGER_CRASH_AT?: string;
}
