import { isAssertedOf, type PublicAggregate } from '#app/domain';
import type { Caller } from '#app/http-edge';
import { MasterKey } from '#app/log';
import { type OfficialRecord, readOfficial, readPolicy } from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { pin } from '../asking/pin.js';
import { momentOfPublication } from '../asking/publication.js';
import { assertDates } from '../asking/resolve-filter.js';
import { ReadDatabase } from '../database/read-database.js';
import { isSameArea } from '../official/areas.js';
import { openRecords, selectOfficial } from '../official/select-official.js';
import type { OfficialList, OfficialPage } from '../official/send-list.js';
import { aggregateDto } from './aggregate-view.js';
import type { AggregateDto, AggregatesParameters } from './aggregates.dto.js';
import { areasOf, assertSeries, inOrder } from './select-aggregates.js';
import { SeriesIndex } from './series-index.js';

/** Published figures that stand, with what they leave over and how they stand in their series. */
export class ListAggregates extends Query<OfficialList<AggregateDto>> {
  constructor(
    readonly asked: AggregatesParameters,
    readonly page: OfficialPage,
    readonly caller: Caller,
  ) {
    super();
  }
}

@QueryHandler(ListAggregates)
export class ListAggregatesHandler implements IQueryHandler<ListAggregates> {
  constructor(
    private readonly database: ReadDatabase,
    private readonly masterKey: MasterKey,
  ) {}

  execute({ asked, page, caller }: ListAggregates): Promise<OfficialList<AggregateDto>> {
    assertDates(asked.from, asked.to);
    const until = momentOfPublication(asked.publishedUntil);
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, asked, page.position);
      const { records, selected, names } = await selectOfficial(tx, 'AGGREGATE', { asked, pinned, until, areasOf });
      assertSeries(asked.series ?? [], names);
      const found = inOrder(selected.filter(({ body }) => isAsked(body, asked)));
      const shown = found.slice(page.first, page.first + page.limit);
      const opened = await openRecords(tx, this.masterKey, { records: shown, caller });
      const showing = { set: pinned.set, policy: await readPolicy(tx, pinned.asOf) };
      // A record is one among all of the series, whatever the reader asked to see.
      const series = new SeriesIndex(records, showing.policy);
      const trends = await readOfficial(tx, pinned.asOf, 'TREND', until);
      const data = shown.map((record) =>
        aggregateDto(record, {
          opened: opened.get(record.eventId),
          showing,
          records: series.recordsOf(record),
          assertions: assertionsOn(record, trends),
        }),
      );
      return { pinned, until, data, total: found.length };
    });
  }
}

/** What the publisher itself says of a figure's period and area. */
export function assertionsOn(
  record: OfficialRecord<'AGGREGATE'>,
  trends: readonly OfficialRecord<'TREND'>[],
): OfficialRecord<'TREND'>[] {
  const { area } = record.body;
  return trends.filter((trend) =>
    isAssertedOf(trend, record, ({ code }) => code != null && isSameArea(code, area.code)),
  );
}

function isAsked({ seriesId, indicator, statusDefinition, period }: PublicAggregate, asked: AggregatesParameters) {
  return (
    (asked.series === undefined || asked.series.includes(seriesId)) &&
    (asked.indicator === undefined || asked.indicator.includes(indicator)) &&
    (asked.statusDefinition === undefined || asked.statusDefinition.includes(statusDefinition)) &&
    (asked.from === undefined || period.start >= asked.from) &&
    (asked.to === undefined || period.end <= asked.to)
  );
}
