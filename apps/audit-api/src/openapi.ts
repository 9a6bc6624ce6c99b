import type { OpenAPIObject } from '@nestjs/swagger';
import { StartReplayDto } from './replays/replays.dto.js';
import { ResolveRejectionDto } from './rejections/rejections.dto.js';

/** Says of the bodies what the validation does and decorators cannot say: that they are closed. */
export function describeApi(document: OpenAPIObject): OpenAPIObject {
  const described = structuredClone(document);
  for (const { name } of [ResolveRejectionDto, StartReplayDto]) {
    const schema = described.components?.schemas?.[name];
    if (schema === undefined) throw new Error(`${name} is not in the document`);
    Object.assign(schema, { additionalProperties: false });
  }
  return described;
}
