import { IsNotEmpty, IsOptional, IsString, Matches } from 'class-validator';
import { ApiConfig } from '#app/http-edge';
import { KafkaSettings } from '#app/kafka';
import { IsCrashPoint } from '#app/runtime';
import { CRASH_POINTS } from './crash-points.js';

export class AuditApiConfig extends ApiConfig {
  override HTTP_PORT: number = 3001;

  @Matches(/^postgres(ql)?:\/\//, { message: 'DATABASE_URL must be a postgres:// address' })
  DATABASE_URL!: string;

  /** What the notary publishes; only read here. */
  @IsString({ message: 'LEDGER_TILES_DIR must name the folder that the notary publishes' })
  @IsNotEmpty()
  LEDGER_TILES_DIR!: string;

  /** Boundary set named in answers, since figures are read with it by default. */
  @Matches(/^[a-z][a-z0-9-]{1,39}$/, {
    message: 'LEDGER_DEFAULT_BOUNDARY must name a boundary set, for instance cod-ab',
  })
  @IsOptional()
  LEDGER_DEFAULT_BOUNDARY: string = 'iso-3166';

  /** For fault tests only. */
  @IsCrashPoint(CRASH_POINTS)
  LEDGER_CRASH_AT?: string;
}

/** The same process's way to Kafka: a class of its own, since a class can extend only one. */
export class AuditKafkaConfig extends KafkaSettings {}
