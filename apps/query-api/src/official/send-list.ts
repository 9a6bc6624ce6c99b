import { type Cursor, type CsvColumn, decodeCursor, encodeCursor, isFresh, MEDIA_TYPES, nextUrl } from '#app/http-edge';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AnswerState, tellState, toNdjson, toStatedCsv } from '../asking/answer-state.js';
import { formatOf } from '../asking/answer.js';
import { LIMIT_DEFAULT, LIMIT_MAX } from '../asking/paging.dto.js';
import { asOfDto, type Pinned } from '../asking/pin.js';
import type { OfficialParameters } from './official.dto.js';

/** Which rows of a list are asked for; the list is read at `position` where a page before was. */
export interface OfficialPage {
  first: number;
  limit: number;
  position: number | undefined;
}

export interface OfficialList<Row> {
  pinned: Pinned;
  /** Only what was published by then; null: all. */
  until: Date | null;
  /** The rows of the page. */
  data: Row[];
  /** Rows of all pages. */
  total: number;
}

export interface ListRequest<Row extends object, CsvRow> {
  asked: OfficialParameters;
  request: FastifyRequest;
  read: (page: OfficialPage) => Promise<OfficialList<Row>>;
  columns: readonly CsvColumn<CsvRow>[];
  csvRows: (row: Row) => CsvRow[];
}

/** Sends a page of a list whose rows hold opened values: an erasure must reach every cache, so no copy is kept unasked. */
export async function sendList<Row extends object, CsvRow>(
  reply: FastifyReply,
  list: ListRequest<Row, CsvRow>,
): Promise<void> {
  const { asked, request, read } = list;
  const { limit: askedLimit, cursor: cursorText, format: askedFormat, bom, hxl, ...filters } = asked;
  const format = formatOf(askedFormat, request, ['json', 'csv', 'ndjson']);
  const limit = askedLimit ?? (format === 'json' ? LIMIT_DEFAULT : LIMIT_MAX);
  const cursor = cursorText === undefined ? null : decodeCursor(cursorText, filters, isOffset);
  const first = Number(cursor?.after[0] ?? 0);
  const { pinned, until, data, total } = await read({ first, limit, position: cursor?.position });
  const end = first + data.length;
  const following: Cursor = { position: pinned.asOf.position, after: [end] };
  const next = nextUrl(request, end < total ? encodeCursor(following, filters) : null);
  const state = { pinned, publishedUntil: until?.toISOString() ?? null };
  const options = { bom: bom === true, hxl: hxl === true };
  const bodies = {
    json: () =>
      JSON.stringify({
        data,
        next,
        total,
        publishedUntil: state.publishedUntil,
        asOf: asOfDto(pinned),
      }),
    csv: () => toStatedCsv(list.columns, data.flatMap(list.csvRows), state, options),
    ndjson: () => toNdjson(data, state),
  };
  await sendOpened(request, reply, { state, format, body: bodies[format](), next });
}

export interface OpenedAnswer {
  state: AnswerState;
  format: 'json' | 'csv' | 'ndjson';
  body: string;
  next?: string | null;
}

export async function sendOpened(request: FastifyRequest, reply: FastifyReply, answer: OpenedAnswer): Promise<void> {
  const { state, format, body, next } = answer;
  tellState(reply, state);
  if (next !== undefined && next !== null) void reply.header('link', `<${next}>; rel="next"`);
  if (isFresh(request, reply, { identity: [format, body], immutable: false, keep: !request.caller.seesConfidential })) {
    await reply.send();
    return;
  }
  await reply.header('content-type', MEDIA_TYPES[format]).send(body);
}

function isOffset(after: readonly unknown[]): boolean {
  return after.length === 1 && Number.isSafeInteger(after[0]) && Number(after[0]) > 0;
}
