import { IsInt, IsNotEmpty, IsString, Max, Min } from 'class-validator';

/** Where an app listens. Extend it with what the app needs, and read it with `loadConfig`. */
export class HttpConfig {
  @IsString()
  @IsNotEmpty()
  HTTP_HOST: string = '127.0.0.1';

  @IsInt({ message: 'HTTP_PORT must be a port number' })
  @Min(0)
  @Max(65_535)
  HTTP_PORT: number = 3000;
}
