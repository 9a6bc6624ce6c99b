import type { Caller } from '#app/http-edge';
import { MasterKey } from '#app/log';
import type { PublicTrend } from '#app/domain';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { assertDates } from '../asking/resolve-filter.js';
import { pin } from '../asking/pin.js';
import { momentOfPublication } from '../asking/publication.js';
import { ReadDatabase } from '../database/read-database.js';
import type { OfficialList, OfficialPage } from '../official/send-list.js';
import { openRecords, selectOfficial } from '../official/select-official.js';
import { trendDto } from './trend-view.js';
import type { TrendDto, TrendsParameters } from './trends.dto.js';

/** Assertions about a course of things, by period, publisher and id. */
export class ListTrends extends Query<OfficialList<TrendDto>> {
  constructor(
    readonly asked: TrendsParameters,
    readonly page: OfficialPage,
    readonly caller: Caller,
  ) {
    super();
  }
}

@QueryHandler(ListTrends)
export class ListTrendsHandler implements IQueryHandler<ListTrends> {
  constructor(
    private readonly database: ReadDatabase,
    private readonly masterKey: MasterKey,
  ) {}

  execute({ asked, page, caller }: ListTrends): Promise<OfficialList<TrendDto>> {
    assertDates(asked.from, asked.to);
    const until = momentOfPublication(asked.publishedUntil);
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, asked, page.position);
      const { selected } = await selectOfficial(tx, 'TREND', { asked, pinned, until, areasOf });
      const found = selected
        .filter(({ body }) => isAsked(body, asked))
        .map((record) => ({ record, key: `${record.body.period.start} ${record.source} ${record.body.trendId}` }))
        .toSorted((a, b) => (a.key < b.key ? -1 : 1))
        .map(({ record }) => record);
      const shown = found.slice(page.first, page.first + page.limit);
      const opened = await openRecords(tx, this.masterKey, { records: shown, caller });
      const data = shown.map((record) => trendDto(record, opened.get(record.eventId), pinned.set));
      return { pinned, until, data, total: found.length };
    });
  }
}

function areasOf({ areas }: PublicTrend): string[] {
  return areas.flatMap(({ code }) => code ?? []);
}

function isAsked({ metric, direction, period }: PublicTrend, asked: TrendsParameters): boolean {
  return (
    (asked.metric === undefined || asked.metric.includes(metric)) &&
    (asked.direction === undefined || asked.direction.includes(direction)) &&
    (asked.from === undefined || period.end >= asked.from) &&
    (asked.to === undefined || period.start <= asked.to)
  );
}
