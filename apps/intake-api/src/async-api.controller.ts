import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { asyncApiDocument } from '#app/contract';
import { Access, ApiProblems, NoParameters } from '#app/http-edge';

@ApiTags('operation')
@Controller()
@Access('open')
export class AsyncApiController {
  /** Of the code that runs: made once, at start. */
  private readonly document = asyncApiDocument();

  @Get('asyncapi.json')
  @ApiOperation({ summary: 'AsyncAPI 3: every topic, its messages and their schemas', operationId: 'asyncApi' })
  @ApiOkResponse({ description: 'The document', content: { 'application/json': { schema: { type: 'object' } } } })
  @ApiProblems('UNKNOWN_PARAMETER')
  asyncApi(@Query() _query: NoParameters): Record<string, unknown> {
    return this.document;
  }
}
