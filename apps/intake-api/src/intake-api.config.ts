import { IsOptional, IsString, IsUrl, registerDecorator } from 'class-validator';
import { parseTopicSources } from '#app/contract';
import { ApiConfig } from '#app/http-edge';
import { KafkaSettings } from '#app/kafka';
import { IsCrashPoint } from '#app/runtime';
import { CRASH_POINTS } from './crash-points.js';

/** Refuses a text that `parseTopicSources` cannot read. */
function IsTopicSources(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isTopicSources',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => {
          try {
            return typeof value === 'string' && parseTopicSources(value).size > 0;
          } catch {
            return false;
          }
        },
        defaultMessage: () => 'LEDGER_TOPIC_SOURCES must read topic=prefix,prefix;topic=… or be * for any source',
      },
    });
}

/** Environment of intake-api. */
export class IntakeApiConfig extends ApiConfig {
  override HTTP_PORT: number = 3002;

  /** CloudEvents source prefixes that a topic may carry. */
  @IsTopicSources()
  LEDGER_TOPIC_SOURCES: string = '*';

  /** Where readers of this API find audit-api, for the status links. */
  @IsOptional()
  @IsString()
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] })
  LEDGER_AUDIT_URL: string = 'http://127.0.0.1:3001';

  /** For fault tests only. */
  @IsCrashPoint(CRASH_POINTS)
  LEDGER_CRASH_AT?: string;
}

/** The same process's way to Kafka: a class of its own, since a class can extend only one. */
export class IntakeKafkaConfig extends KafkaSettings {}
