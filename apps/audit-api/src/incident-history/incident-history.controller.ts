import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblems, type CsvColumn, Problem } from '#app/http-edge';
import { AuditLog } from '../audit-log.js';
import { listEvents } from '../events/event-rows.js';
import { wantedFormat } from '../formats.js';
import { requireUuid } from '../identifiers.js';
import { ApiTable, sendTable, TableParameters } from '../tables.js';
import type { FieldChange } from './field-changes.js';
import { HistoryReportView, IncidentHistoryView } from './incident-history.dto.js';
import { type HistoryEntry, incidentHistory } from './incident-history.js';

/** One incident's history is read whole; an incident with more events than this is not one incident. */
const EVENTS_MAX = 100_000;

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
  { name: 'why', hxl: '#description', value: ({ entry }) => entry.why },
  { name: 'field', hxl: '#meta+field', value: ({ change }) => change?.pointer },
  { name: 'before', hxl: '#meta+before', value: ({ change }) => cell(change?.before) },
  { name: 'after', hxl: '#meta+after', value: ({ change }) => cell(change?.after) },
];

@ApiTags('incidents')
@Controller('v1/incidents')
export class IncidentHistoryController {
  constructor(private readonly log: AuditLog) {}

  @Get(':id/history')
  @ApiOperation({
    summary: 'Every event on an incident: what changed field by field, when, by which report, why',
    description: 'Refolded from the leaves at each request; reads no figure that was computed before.',
    operationId: 'getIncidentHistory',
  })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiExtraModels(HistoryReportView)
  @ApiTable(IncidentHistoryView, 'The history, oldest first')
  @ApiProblems('UNKNOWN_PARAMETER', 'INVALID_PARAMETER', 'INCIDENT_NOT_FOUND', 'NOT_ACCEPTABLE')
  async history(
    @Param('id') id: string,
    @Query() { format, ...options }: TableParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const stream = requireUuid('id', id);
    const asOf = await this.log.head();
    const wanted = wantedFormat(request, format, ['json', 'csv']);
    const rows = await listEvents(this.log.pool, { stream }, { from: 0, head: asOf.position, limit: EVENTS_MAX });
    const entries = incidentHistory(rows.map(({ leaf }) => leaf));
    if (!entries.some(({ type }) => type === 'ReportRecorded' || type === 'ReportWithdrawn')) {
      throw new Problem('INCIDENT_NOT_FOUND', 'no report on this incident has been recorded');
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
