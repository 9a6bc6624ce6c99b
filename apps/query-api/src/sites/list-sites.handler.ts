import type { PublicSite } from '#app/domain';
import type { Caller } from '#app/http-edge';
import { MasterKey } from '#app/log';
import { readPolicy } from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { pin } from '../asking/pin.js';
import { momentOfPublication } from '../asking/publication.js';
import { ReadDatabase } from '../database/read-database.js';
import type { OfficialList, OfficialPage } from '../official/send-list.js';
import { openRecords, selectOfficial } from '../official/select-official.js';
import { siteDto } from './site-view.js';
import type { SiteDto, SitesParameters } from './sites.dto.js';

/** Stocks: what was found, by source and reference. */
export class ListSites extends Query<OfficialList<SiteDto>> {
  constructor(
    readonly asked: SitesParameters,
    readonly page: OfficialPage,
    readonly caller: Caller,
  ) {
    super();
  }
}

@QueryHandler(ListSites)
export class ListSitesHandler implements IQueryHandler<ListSites> {
  constructor(
    private readonly database: ReadDatabase,
    private readonly masterKey: MasterKey,
  ) {}

  execute({ asked, page, caller }: ListSites): Promise<OfficialList<SiteDto>> {
    const until = momentOfPublication(asked.publishedUntil);
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, asked, page.position);
      const { selected } = await selectOfficial(tx, 'SITE', { asked, pinned, until, areasOf });
      const found = selected
        .filter(({ body }) => asked.kind === undefined || asked.kind.includes(body.kind))
        .map((record) => ({ record, key: `${record.source} ${record.body.siteRef}` }))
        .toSorted((a, b) => (a.key < b.key ? -1 : 1))
        .map(({ record }) => record);
      const shown = found.slice(page.first, page.first + page.limit);
      const opened = await openRecords(tx, this.masterKey, { records: shown, caller });
      const showing = { set: pinned.set, policy: await readPolicy(tx, pinned.asOf) };
      const data = shown.map((record) => siteDto(record, opened.get(record.eventId), showing));
      return { pinned, until, data, total: found.length };
    });
  }
}

function areasOf({ area, breakdown }: PublicSite): string[] {
  return [area.code, ...(breakdown ?? []).map((part) => part.area.code)];
}
