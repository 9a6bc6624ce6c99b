import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createLogger, metricsFor, NestLogger } from '#app/runtime';
import { BEARER } from './access/access.decorator.js';
import { authSettings } from './access/auth-settings.js';
import { describeAccess } from './access/describe-access.js';
import { Gate } from './access/gate.js';
import { TokenVerifier } from './access/token-verifier.js';
import type { ApiConfig } from './api.config.js';
import type { Checks } from './checks.js';
import { EdgeModule } from './edge.module.js';
import { EdgeState } from './edge-state.js';
import { observeRequests, serverOptions, streamNothingForHead } from './fastify-server.js';
import type { HttpConfig } from './http.config.js';
import { RateLimits } from './limits/rate-limits.js';
import { ProblemFilter } from './problem.filter.js';
import { measureReadiness } from './readiness-metrics.js';
import { RouteTable } from './route-table.js';
import { assertLoopback, explainListenError } from './startup.js';
import { EdgeValidationPipe } from './validation.pipe.js';

export interface HttpAppOptions {
  /** Name of the app in logs, metrics and the document, for instance `query-api`. */
  name: string;
  /** Title of the OpenAPI document. */
  title: string;
  description?: string;
  config: ApiConfig;
  logger?: Logger;
  registry?: Registry;
  /** What must answer for the app to be ready; called once the app's providers exist. */
  checks?: (app: INestApplication) => Checks;
  /** Media types whose bodies reach the handler as the bytes that came (a Buffer), unparsed. */
  rawBodyTypes?: readonly string[];
  /** Bytes; larger bodies are refused with 413. */
  bodyLimit?: number;
  /** Milliseconds of silence after which a connection is closed; longer than any answer takes. */
  silenceMs?: number;
  /** Last word on the OpenAPI document, for instance to add schemas. */
  document?: (document: OpenAPIObject) => OpenAPIObject;
}

/** JSON with a few members; what takes messages says so itself. */
const BODY_LIMIT = 65_536;
const SILENCE_MS = 120_000;

/**
 * A Nest application on Fastify with everything that all our HTTP apps share: problem+json, validation, request ids,
 * logs, authentication, limits, health, metrics, OpenAPI 3.1 at /openapi.json with pages at /docs, and a drain on SIGTERM. Start
 * it with `listen`.
 *
 * @throws StartupError when the configured address can be reached from other machines and no authentication is configured
 */
export async function createHttpApp(
  module: Type<unknown> | DynamicModule,
  options: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const { config } = options;
  const auth = authSettings(config);
  assertLoopback(config.HTTP_HOST, { isAuthOn: auth !== null });
  const logger = options.logger ?? createLogger(options.name);
  const state = new EdgeState(
    options.registry ?? metricsFor(options.name),
    {},
    {
      title: options.title,
      description: options.description ?? '',
    },
  );
  const routes = new RouteTable();
  const adapter = new FastifyAdapter({
    ...serverOptions(logger, options.bodyLimit ?? BODY_LIMIT),
    connectionTimeout: options.silenceMs ?? SILENCE_MS,
    trustProxy: config.HTTP_TRUSTED_PROXIES?.split(',') ?? false,
  });
  const server = adapter.getInstance();
  server.server.maxConnections = config.HTTP_MAX_CONNECTIONS;
  server.addHook('onRoute', ({ url, method }) => routes.add(url, method));
  observeRequests(server, state.registry);
  streamNothingForHead(server);
  const verifier = auth === null ? null : new TokenVerifier(auth);
  const gate = new Gate(verifier);
  gate.install(server);
  const app = await NestFactory.create<NestFastifyApplication>(EdgeModule.around(module, state), adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
    bodyParser: false,
  });
  gate.limitBy(await RateLimits.on(server, config, auth !== null));
  if (options.rawBodyTypes !== undefined) {
    // The built-in JSON parser would read the body first: a raw type replaces it.
    server.removeContentTypeParser([...options.rawBodyTypes]);
    app.useBodyParser([...options.rawBodyTypes], {}, (_request, body, done) => done(null, body));
  }
  server.removeContentTypeParser('text/plain');
  app.useGlobalPipes(new EdgeValidationPipe());
  app.useGlobalFilters(new ProblemFilter(routes));
  state.checks = { ...options.checks?.(app), ...(verifier === null ? {} : { issuer: () => verifier.check() }) };
  measureReadiness(state.registry, () => state.checks);
  serveDocument(app, options);
  drainOnSignals(app, state);
  return app;
}

/**
 * Listens on the configured address.
 *
 * @returns the address, for instance `http://127.0.0.1:3000`
 * @throws StartupError with a sentence when the port is taken or not ours to take
 */
export async function listen(app: NestFastifyApplication, { HTTP_HOST, HTTP_PORT }: HttpConfig): Promise<string> {
  try {
    await app.listen(HTTP_PORT, HTTP_HOST);
  } catch (error) {
    await app.close();
    throw explainListenError(error, HTTP_HOST, HTTP_PORT);
  }
  return app.getUrl();
}

function serveDocument(app: NestFastifyApplication, options: HttpAppOptions): void {
  const config = new DocumentBuilder()
    .setTitle(options.title)
    .setDescription(options.description ?? '')
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addServer('/')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'A token of the issuer that the operator names; `x-roles` are the roles that an operation takes.',
      },
      BEARER,
    )
    .build();
  const created = SwaggerModule.createDocument(app, config, { operationIdFactory: (_controller, method) => method });
  const document = describeAccess(options.document?.(created) ?? created);
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json', raw: ['json'] });
}

function drainOnSignals(app: NestFastifyApplication, state: EdgeState): void {
  const drain = (): void => {
    state.isDraining = true;
  };
  process.once('SIGTERM', drain);
  process.once('SIGINT', drain);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
}
