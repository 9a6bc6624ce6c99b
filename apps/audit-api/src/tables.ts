import type { Type } from '@nestjs/common';
import { ApiExtraModels, ApiPropertyOptional, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { AsOfParameter, BooleanParameter, CSV_CONTENT_TYPE, type CsvColumn, toCsv } from '#app/http-edge';

/** How a table is written, for routes whose only other format is JSON. */
export class TableParameters {
  @ApiPropertyOptional({ enum: ['json', 'csv'], description: 'Instead of Accept' })
  @IsIn(['json', 'csv'])
  @IsOptional()
  format?: 'json' | 'csv';

  @ApiPropertyOptional({ description: 'CSV: a byte order mark for Excel' })
  @BooleanParameter()
  @IsBoolean()
  @IsOptional()
  bom?: boolean;

  @ApiPropertyOptional({ description: 'CSV: the row of HXL hashtags' })
  @BooleanParameter()
  @IsBoolean()
  @IsOptional()
  hxl?: boolean;
}

/** The same for what the log can be asked as of any position. */
export class AsOfTableParameters extends TableParameters {
  @AsOfParameter()
  asOf?: string;
}

/** Documents an answer that comes as JSON of `view` or as CSV. */
export function ApiTable(view: Type<unknown>, description: string): MethodDecorator {
  const models = ApiExtraModels(view);
  const response = ApiResponse({
    status: 200,
    description,
    content: {
      'application/json': { schema: { $ref: getSchemaPath(view) } },
      'text/csv': { schema: { type: 'string' } },
    },
  });
  return (target, key, descriptor) => {
    models(target, key, descriptor);
    response(target, key, descriptor);
  };
}

/** Sends rows as CSV; the address of the next page goes into the header `link`, since a table has no place for it. */
export function sendTable<Row>(
  reply: FastifyReply,
  columns: readonly CsvColumn<Row>[],
  rows: readonly Row[],
  { bom, hxl, next = null }: { bom?: boolean | undefined; hxl?: boolean | undefined; next?: string | null },
): void {
  if (next !== null) void reply.header('link', `<${next}>; rel="next"`);
  void reply.type(CSV_CONTENT_TYPE).send(toCsv(columns, rows, { bom: bom === true, hxl: hxl === true }));
}
