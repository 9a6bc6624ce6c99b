import { KafkaSettings } from '#app/kafka';
import { IsCrashPoint } from '#app/runtime';
import { IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { CRASH_POINTS } from './crash-points.js';

/** Environment of the projector. No secret has a default. Kafka: for the digests of snapshots, which are decisions. */
export class ProjectorConfig extends KafkaSettings {
  @Matches(/^postgres(ql)?:\/\//, { message: 'DATABASE_URL must be a postgres:// address' })
  DATABASE_URL!: string;

  @IsOptional()
  @IsString()
  HTTP_HOST: string = '127.0.0.1';

  @IsOptional()
  @IsInt({ message: 'HTTP_PORT must be a port number' })
  @Min(0)
  @Max(65_535)
  HTTP_PORT: number = 3011;

  /** For fault tests only. */
  @IsCrashPoint(CRASH_POINTS)
  LEDGER_CRASH_AT?: string;
}
