import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access, ApiProblems, type CsvColumn, Problem, READERS } from '#app/http-edge';
import { AuditLog } from '../audit-log.js';
import { wantedFormat } from '../formats.js';
import { requireUuid } from '../identifiers.js';
import { ApiTable, AsOfTableParameters, sendTable } from '../tables.js';
import { leavesOfComponent } from './decision-leaves.js';
import type { FieldChange } from './field-changes.js';
import { HistoryReportView, IncidentHistoryView } from './incident-history.dto.js';
import { type HistoryEntry, incidentHistory } from './incident-history.js';

type Line = { entry: HistoryEntry; change: FieldChange | null };

const COLUMNS: CsvColumn<Line>[] = [
  { name: 'position', hxl: '#meta+position', value: ({ entry }) => entry.position },
  { name: 'recorded_at', hxl: '#date+recorded', value: ({ entry }) => entry.recordedAt },
  { name: 'event_id', hxl: '#meta+id', value: ({ entry }) => entry.eventId },
  { name: 'type', hxl: '#event+type', value: ({ entry }) => entry.type },
  { name: 'actor', hxl: '#org+actor', value: ({ entry }) => entry.actor },
  { name: 'source', hxl: '#meta+source', value: ({ entry }) => entry.report?.source },
  { name: 'report_id', hxl: '#meta+report+id', value: ({ entry }) => entry.report?.reportId },
  { name: 'revision', hxl: '#meta+revision', value: ({ entry }) => entry.report?.revision },
  { name: 'decision', hxl: '#meta+decision', value: ({ entry }) => cell(entry.decision) },
  { name: 'why', hxl: '#description', value: ({ entry }) => entry.why },
  { name: 'field', hxl: '#meta+field', value: ({ change }) => change?.pointer },
  { name: 'before', hxl: '#meta+before', value: ({ change }) => cell(change?.before) },
  { name: 'after', hxl: '#meta+after', value: ({ change }) => cell(change?.after) },
];

@ApiTags('incidents')
@Controller('v1/incidents')
@Access({ roles: READERS })
export class IncidentHistoryController {
  constructor(private readonly log: AuditLog) {}

  @Get(':id/history')
  @ApiOperation({
    summary: 'Every event on an incident: what changed field by field, when, by which report or decision, why',
    description:
      'Refolded from the leaves at each request; reads no figure that was computed before. Decisions on other incidents, and reports under them, are in it where they changed this one. With `asOf`: the history as it was known then.',
    operationId: 'getIncidentHistory',
  })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiExtraModels(HistoryReportView)
  @ApiTable(IncidentHistoryView, 'The history, oldest first')
  @ApiProblems('UNKNOWN_PARAMETER', 'INVALID_PARAMETER', 'INCIDENT_NOT_FOUND', 'AS_OF_OUT_OF_RANGE', 'NOT_ACCEPTABLE')
  async history(
    @Param('id') id: string,
    @Query() { format, asOf: asked, ...options }: AsOfTableParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const stream = requireUuid('id', id);
    const asOf = await this.log.asOf(asked);
    const wanted = wantedFormat(request, format, ['json', 'csv']);
    const entries = incidentHistory(await leavesOfComponent(this.log.pool, stream, asOf.position), stream);
    if (!entries.some(({ report, decision }) => report !== null || decision !== null)) {
      throw new Problem(
        'INCIDENT_NOT_FOUND',
        `no report on this incident had been recorded as of position ${asOf.position}`,
      );
    }
    if (wanted === 'json') return void reply.send({ data: entries, next: null, total: entries.length, asOf });
    const lines = entries.flatMap((entry): Line[] =>
      entry.changes.length === 0 ? [{ entry, change: null }] : entry.changes.map((change) => ({ entry, change })),
    );
    sendTable(reply, COLUMNS, lines, options);
  }
}

function cell(value: unknown): string | number | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);
}
