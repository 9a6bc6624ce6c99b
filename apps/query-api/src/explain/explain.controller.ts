import { Access, ApiProblems, type CsvColumn, decodeCursor, encodeCursor, nextUrl, READERS } from '#app/http-edge';
import { isCivilDate } from '#app/read-models';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toStatedCsv } from '../asking/answer-state.js';
import { formatOf, sendAnswer } from '../asking/answer.js';
import { answers, ApiNotModified, FILTER_PROBLEMS } from '../asking/documented.js';
import { LIMIT_DEFAULT } from '../asking/paging.dto.js';
import { asOfDto } from '../asking/pin.js';
import { publishedUntilOf } from '../asking/publication.js';
import { UUID } from '../incidents/incidents.controller.js';
import type { ExplainedClaimDto, ExplainedFigureDto, ExplainedIncidentDto } from './explain.dto.js';
import { ExplainDto } from './explain.dto.js';
import { EXPLAINED_MAX, ExplainParameters } from './explain-parameters.dto.js';
import { Explain } from './explain.handler.js';

/** One line per claim; a figure without claims, and an incident without figures, have a line of their own. */
interface Line {
  incident: ExplainedIncidentDto;
  figure: ExplainedFigureDto | null;
  claim: ExplainedClaimDto | null;
}

const COLUMNS: readonly CsvColumn<Line>[] = [
  { name: 'incident_id', hxl: '#event+id', value: ({ incident }) => incident.id },
  { name: 'ref', hxl: '#event+code', value: ({ incident }) => incident.ref },
  { name: 'start', hxl: '#date+start', value: ({ incident }) => incident.start },
  { name: 'place', hxl: '#loc+name', value: ({ incident }) => incident.place.name },
  { name: 'verification', hxl: '#status+verification', value: ({ incident }) => incident.verification.grade },
  { name: 'measure', hxl: '#indicator+measure', value: ({ figure }) => figure?.measure },
  { name: 'status', hxl: '#indicator+status', value: ({ figure }) => figure?.part },
  { name: 'counted', hxl: '#indicator+counted', value: ({ figure }) => figure?.isCounted },
  { name: 'lo', hxl: '#affected+min+num', value: ({ figure }) => figure?.lo },
  { name: 'hi', hxl: '#affected+max+num', value: ({ figure }) => figure?.hi },
  { name: 'claim_state', hxl: '#status+claim', value: ({ claim }) => claim?.state },
  { name: 'because', hxl: '#status+why', value: ({ claim }) => claim?.because?.reason },
  { name: 'claimant', hxl: '#org+claimant', value: ({ claim }) => claim?.claimant.name },
  { name: 'claimant_kind', hxl: '#org+claimant+kind', value: ({ claim }) => claim?.claimant.kind },
  { name: 'qualifier', hxl: '#affected+qualifier', value: ({ claim }) => stated(claim, 'qualifier') },
  { name: 'stated_lo', hxl: '#affected+stated+min', value: ({ claim }) => stated(claim, 'lo') },
  { name: 'stated_hi', hxl: '#affected+stated+max', value: ({ claim }) => stated(claim, 'hi') },
  { name: 'stated_point', hxl: '#affected+stated+num', value: ({ claim }) => stated(claim, 'point') },
  { name: 'phrase', hxl: '#affected+phrase', value: ({ claim }) => stated(claim, 'phrase') },
  { name: 'language', hxl: '#meta+language', value: ({ claim }) => claim?.language },
  { name: 'read_lo', hxl: '#affected+read+min', value: ({ claim }) => claim?.readAs.lo },
  { name: 'read_hi', hxl: '#affected+read+max', value: ({ claim }) => claim?.readAs.hi },
  { name: 'publisher', hxl: '#meta+source', value: ({ claim }) => claim?.report.publisher },
  { name: 'report_id', hxl: '#meta+report+id', value: ({ claim }) => claim?.report.reportId },
  { name: 'revision', hxl: '#meta+revision', value: ({ claim }) => claim?.report.revision },
  { name: 'published_at', hxl: '#date+published', value: ({ claim }) => claim?.report.publishedAt },
  { name: 'position', hxl: '#meta+position', value: ({ claim }) => claim?.report.position },
];

function stated(claim: ExplainedClaimDto | null, member: string): string | number | null {
  return (claim?.value as Record<string, string | number | null> | undefined)?.[member] ?? null;
}

@ApiTags('figures')
@Controller('v1/explain')
@Access({ roles: READERS })
export class ExplainController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'The incidents and claims behind a figure',
    operationId: 'explain',
    description:
      'Takes the parameters of /v1/casualties; a page has at most 1,000 incidents. Each incident that counts, the latest first, with what it adds to the figure, the interval and estimates of each measure, and every claim: who says it, in which words, in which report, and whether it stands or why not. What the incidents add sums to `total`.',
  })
  @ApiExtraModels(ExplainDto)
  @ApiResponse({ status: 200, description: 'A page of incidents', ...answers(ExplainDto, ['text/csv']) })
  @ApiNotModified()
  @ApiProblems(...FILTER_PROBLEMS, 'BAD_CURSOR', 'TOO_MANY_GROUPS')
  async explain(
    @Query() asked: ExplainParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { limit: askedLimit, cursor: cursorText, format: askedFormat, bom, hxl, ...filters } = asked;
    const format = formatOf(askedFormat, request, ['json', 'csv']);
    const limit = askedLimit ?? (format === 'csv' ? EXPLAINED_MAX : LIMIT_DEFAULT);
    const cursor = cursorText === undefined ? null : decodeCursor(cursorText, filters, isKey);
    const after = cursor === null ? null : ([String(cursor.after[0]), String(cursor.after[1])] as const);
    const page = { limit, position: cursor?.position, after };
    const explanation = await this.queries.execute(new Explain(asked, page));
    const { pinned, rows } = explanation;
    const { position } = pinned.asOf;
    const next = nextUrl(
      request,
      explanation.after === null ? null : encodeCursor({ position, after: explanation.after }, filters),
    );
    const state = { pinned, publishedUntil: publishedUntilOf(explanation.publication) };
    if (format === 'csv') {
      const body = toStatedCsv(COLUMNS, rows.flatMap(lines), state, { bom: bom === true, hxl: hxl === true });
      return sendAnswer(request, reply, { ...state, format, body, next });
    }
    const body = {
      data: rows,
      next,
      total: { ...explanation.total, openDuplicateCandidates: explanation.candidates },
      estimator: asked.estimator ?? null,
      publishedUntil: state.publishedUntil,
      asOf: asOfDto(pinned),
    };
    return sendAnswer(request, reply, { ...state, format, body, next });
  }
}

function lines(incident: ExplainedIncidentDto): Line[] {
  if (incident.figures.length === 0) return [{ incident, figure: null, claim: null }];
  return incident.figures.flatMap((figure): Line[] =>
    figure.claims.length === 0
      ? [{ incident, figure, claim: null }]
      : figure.claims.map((claim) => ({ incident, figure, claim })),
  );
}

function isKey([start, id, ...more]: readonly unknown[]): boolean {
  return (
    more.length === 0 && typeof start === 'string' && isCivilDate(start) && typeof id === 'string' && UUID.test(id)
  );
}
