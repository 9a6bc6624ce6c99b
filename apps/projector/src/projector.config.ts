import { KafkaSettings } from '#app/kafka';
import { IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

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
}
