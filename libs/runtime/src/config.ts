import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync } from 'class-validator';

/** The environment does not hold what an app needs. `problems` are sentences for the person who starts it. */
export class ConfigError extends Error {
  /** sysexits.h EX_CONFIG: what `main.ts` exits with. */
  readonly exitCode = 78;

  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not complete:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads an app's configuration from the environment, once, at start.
 *
 * Property names are the names of the variables; an empty variable counts as absent, so that its default holds.
 * @throws ConfigError naming every variable that is missing or wrong
 */
export function loadConfig<T extends object>(type: new () => T, env: NodeJS.ProcessEnv = process.env): T {
  const given = Object.fromEntries(
    knownVariables(type)
      .filter((name) => env[name] !== undefined && env[name] !== '')
      .map((name) => [name, env[name]]),
  );
  const config = plainToInstance(type, given, { enableImplicitConversion: true, exposeDefaultValues: true });
  const errors = validateSync(config, { stopAtFirstError: true });
  if (errors.length > 0) {
    throw new ConfigError(
      errors.map((error) => Object.values(error.constraints ?? { unknown: `${error.property} is wrong` }).join('; ')),
    );
  }
  return config;
}

/** The variables that a configuration class declares, sorted: for the README's table and its test. */
export function describeConfig(type: new () => object): string[] {
  return knownVariables(type).toSorted();
}

function knownVariables(type: new () => object): string[] {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(type, '', true, false);
  return [...new Set(metadata.map((rule) => rule.propertyName))];
}
