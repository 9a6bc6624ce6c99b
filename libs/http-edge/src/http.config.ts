import { IsInt, IsNotEmpty, IsString, Max, Min } from 'class-validator';

/** Where an app listens. Extend it with what the app needs, and read it with `loadConfig`. */
export class HttpConfig {
  @IsString()
  @IsNotEmpty()
  HTTP_HOST: string = '127.0.0.1';

  @IsInt({ message: 'HTTP_PORT must be a port number' })
  @Min(0, { message: 'HTTP_PORT must be a port number' })
  @Max(65_535, { message: 'HTTP_PORT must be a port number' })
  HTTP_PORT: number = 3000;
}
