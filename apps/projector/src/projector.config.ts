import { HttpConfig } from '#app/http-edge';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';

/** Environment of the projector. No secret has a default. */
export class ProjectorConfig extends HttpConfig {
  @Matches(/^postgres(ql)?:\/\//, { message: 'DATABASE_URL must be a postgres:// address' })
  DATABASE_URL!: string;

  @IsOptional()
  @IsInt({ message: 'HTTP_PORT must be a port number' })
  @Min(0)
  @Max(65_535)
  override HTTP_PORT: number = 3011;
}
