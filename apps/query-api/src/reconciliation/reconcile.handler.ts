import { type PublicAggregate, policeRuleOf } from '#app/domain';
import { ANYBODY, Problem } from '#app/http-edge';
import { MasterKey } from '#app/log';
import {
  type IncidentFilter,
  type OfficialRecord,
  periodEnd,
  type Publication,
  readOfficial,
  readOfficialNames,
  readPolicy,
} from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { EntityManager } from 'typeorm';
import { assertionsOn } from '../aggregates/list-aggregates.handler.js';
import { assertSeries, inOrder } from '../aggregates/select-aggregates.js';
import { type Pinned, pin } from '../asking/pin.js';
import { publishedUntilOf, resolvePublication } from '../asking/publication.js';
import { resolveFilter, resolveRegion } from '../asking/resolve-filter.js';
import { ReadDatabase } from '../database/read-database.js';
import { openRecords } from '../official/select-official.js';
import { comparisonDto } from './comparison-view.js';
import { type Whole, wholesOf } from './official-side.js';
import { readRecordedSide, type RecordedSide } from './recorded-side.js';
import type { ReconciliationParameters } from './reconciliation-parameters.dto.js';
import type { ComparisonDto } from './reconciliation.dto.js';

export interface Reconciliation {
  pinned: Pinned;
  /** What had been published by a moment, on both sides; null: all that is recorded. */
  publication: Publication | null;
  data: ComparisonDto[];
}

/** An official series of one month beside recorded incidents. */
export class Reconcile extends Query<Reconciliation> {
  constructor(readonly asked: ReconciliationParameters) {
    super();
  }
}

@QueryHandler(Reconcile)
export class ReconcileHandler implements IQueryHandler<Reconcile> {
  constructor(
    private readonly database: ReadDatabase,
    private readonly masterKey: MasterKey,
  ) {}

  execute({ asked }: Reconcile): Promise<Reconciliation> {
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, asked);
      const publication = await resolvePublication(tx, asked.publishedUntil, pinned);
      const wholes = wholesOf(pinned.set, await askedFigures(tx, asked, { pinned, publication }));
      // A comparison shows no protected value, to nobody: they are counted.
      const opened = await openRecords(tx, this.masterKey, {
        records: wholes.map(({ record }) => record),
        caller: ANYBODY,
      });
      const trends = await readOfficial(tx, pinned.asOf, 'TREND', publication?.until ?? null);
      const showing = { set: pinned.set, policy: await readPolicy(tx, pinned.asOf) };
      const data: ComparisonDto[] = [];
      for (const whole of wholes) {
        const rule = ruleOf(whole.record.body, asked);
        data.push(
          comparisonDto(whole, {
            showing,
            rule,
            recorded: await recordedBeside(tx, whole, { asked, pinned, publication }),
            opened: opened.get(whole.record.eventId),
            assertions: assertionsOn(whole.record, trends),
            estimator: asked.estimator ?? null,
            recordedAt: pinned.asOf.recordedAt,
            publishedUntil: publishedUntilOf(publication),
          }),
        );
      }
      return { pinned, publication, data };
    });
  }
}

/** @throws Problem UNKNOWN_SERIES, AGGREGATE_NOT_FOUND: nothing of the series stands for the month */
async function askedFigures(
  tx: EntityManager,
  asked: ReconciliationParameters,
  { pinned: { asOf }, publication }: { pinned: Pinned; publication: Publication | null },
): Promise<OfficialRecord<'AGGREGATE'>[]> {
  assertSeries([asked.series], await readOfficialNames(tx, asOf, 'AGGREGATE'));
  const { start, end } = monthOf(asked);
  const found = (await readOfficial(tx, asOf, 'AGGREGATE', publication?.until ?? null)).filter(
    ({ body }) =>
      body.seriesId === asked.series &&
      body.period.start === start &&
      body.period.end === end &&
      (asked.indicator === undefined || asked.indicator.includes(body.indicator)) &&
      (asked.statusDefinition === undefined || asked.statusDefinition.includes(body.statusDefinition)),
  );
  if (found.length === 0) {
    const until = publishedUntilOf(publication);
    throw new Problem(
      'AGGREGATE_NOT_FOUND',
      `no figure of series ${asked.series} stands for ${asked.period} as of position ${asOf.position}${until === null ? '' : `, of what had been published by ${until}`}`,
    );
  }
  return inOrder(found);
}

function monthOf({ period }: ReconciliationParameters): { start: string; end: string } {
  const start = `${period}-01`;
  return { start, end: periodEnd('month', start) };
}

function ruleOf({ indicator, statusDefinition }: PublicAggregate, { policeNonCombat }: ReconciliationParameters) {
  return { indicator, statusDefinition, police: policeNonCombat ?? policeRuleOf(statusDefinition) };
}

/** Null: the boundary set places nothing in such an area. */
async function recordedBeside(
  tx: EntityManager,
  { record, parts }: Whole,
  { asked, pinned, publication }: { asked: ReconciliationParameters; pinned: Pinned; publication: Publication | null },
): Promise<RecordedSide | null> {
  const { area, period } = record.body;
  const everywhere = await resolveFilter(
    tx,
    { ...(asked.publisher === undefined ? {} : { publisher: asked.publisher }), from: period.start, to: period.end },
    pinned,
  );
  const region = pinned.set.findCode(area.code);
  if (region === null || pinned.set.standsFor(region).length === 0) return null;
  const filter: IncidentFilter = { ...everywhere, regions: resolveRegion(pinned.set, area.code) };
  const rule = ruleOf(record.body, asked);
  return readRecordedSide(tx, pinned, {
    filter,
    rule,
    estimator: asked.estimator ?? null,
    publication,
    publishedAreas: new Set(parts.keys()),
  });
}
