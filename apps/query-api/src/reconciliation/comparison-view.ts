import {
  type Amount,
  type ComparisonRule,
  differencesOf,
  type Estimator,
  type Interval,
  intervalOf,
  nothingRecorded,
  numberOf,
  plus,
  type RecordedAmount,
  residualOf,
  unallocatedOf,
} from '#app/domain';
import type { OfficialRecord } from '#app/read-models';
import { exclusionDtos } from '../aggregates/aggregate-view.js';
import { foundArea } from '../official/areas.js';
import { officialDto, type Plain, type Showing, valueDto } from '../official/official-view.js';
import type { OpenedValues } from '../opening/open-values.js';
import { assertionDto } from '../trends/trend-view.js';
import { valuesOf, type Whole } from './official-side.js';
import type { RecordedSide } from './recorded-side.js';
import type { AmountDto, ComparedAreaDto, ComparisonDto, OfficialSideDto, RecordedDto } from './reconciliation.dto.js';

export interface ComparisonContext {
  showing: Showing;
  rule: ComparisonRule;
  recorded: RecordedSide | null;
  opened: OpenedValues | undefined;
  assertions: readonly OfficialRecord<'TREND'>[];
  estimator: Estimator | null;
  recordedAt: string;
  /** Of what recorded incidents count; null: of all that is recorded. */
  publishedUntil: string | null;
}

export function comparisonDto(whole: Whole, context: ComparisonContext): ComparisonDto {
  const { showing, rule, assertions, recorded } = context;
  const { record } = whole;
  const { body, source } = record;
  const official = officialSide(whole, context);
  const total = recorded?.total ?? nothingRecorded(rule);
  const notPlaced = recorded?.notPlaced ?? nothingRecorded(rule);
  const value = { ...intervalOf(body.value, showing.policy), point: numberOf(body.value, showing.policy) };
  return {
    source,
    series: body.seriesId,
    publisher: officialDto(record, undefined).publisher,
    kind: body.kind,
    indicator: body.indicator,
    statusDefinition: body.statusDefinition,
    period: { start: body.period.start, end: body.period.end },
    policeNonCombat: rule.police,
    area: foundArea(showing.set, body.area.code),
    official,
    recorded: recordedDto(total, context),
    residual: amountDto(residualOf(value, total.together), pointOf(total, context)),
    areas: areaDtos(whole, context),
    notAllocated: { official: official.unallocated, recorded: recordedDto(notPlaced, context) },
    differences: differences(whole, context, { total, notPlaced, official }),
    assertions: assertions.map(assertionDto),
  };
}

function officialSide(whole: Whole, { showing, opened }: ComparisonContext): OfficialSideDto {
  const { record } = whole;
  const { id, url, withheld, position, publishedAt } = officialDto(record, opened);
  const unallocated = unallocatedOf(record.body.value, valuesOf(whole), showing.policy);
  return {
    id,
    ...valueDto(record.body.value, showing),
    allocated: valuesOf(whole).reduce<Interval>((sum, value) => plus(sum, intervalOf(value, showing.policy)), {
      lo: 0,
      hi: 0,
    }),
    unallocated,
    publishedAt,
    dataCutoff: record.body.dataCutoff ?? null,
    verification: record.body.verification ?? null,
    coverageExclusions: exclusionDtos(record, opened, showing.set),
    url,
    withheld,
    position,
  };
}

/** Areas with a number on either side, by code. */
function areaDtos({ parts }: Whole, context: ComparisonContext): ComparedAreaDto[] {
  const { showing, rule, recorded } = context;
  const keys = new Set([...parts.keys(), ...(recorded?.byArea.keys() ?? [])]);
  return [...keys].toSorted().map((key) => {
    const part = parts.get(key);
    const amount = recorded?.byArea.get(key) ?? nothingRecorded(rule);
    const official = part && { ...intervalOf(part.value, showing.policy), point: numberOf(part.value, showing.policy) };
    return {
      area:
        part === undefined ? { ...foundArea(showing.set, key), code: null } : foundArea(showing.set, part.area.code),
      official: part === undefined ? null : valueDto(part.value, showing),
      recorded: recordedDto(amount, context),
      residual:
        official === undefined ? null : amountDto(residualOf(official, amount.together), pointOf(amount, context)),
    };
  });
}

function recordedDto(recorded: RecordedAmount, context: ComparisonContext): RecordedDto {
  const hasPoint = pointOf(recorded, context);
  const { incidents, openIncidents, unknownIncidents, silentIncidents, byPart, together, policeMoved } = recorded;
  return {
    incidents,
    byStatus: Object.entries(byPart).map(([status, amount]) => ({ status, ...amountDto(amount, hasPoint) })),
    together: amountDto(together, hasPoint),
    policeMoved: amountDto(policeMoved, hasPoint),
    openIncidents,
    unknownIncidents,
    silentIncidents,
  };
}

/** Without an estimator there is no point, nor where incidents are recorded and none says anything: that is no zero. */
function pointOf({ incidents, silentIncidents }: RecordedAmount, { estimator }: ComparisonContext): boolean {
  return estimator !== null && (incidents === 0 || silentIncidents < incidents);
}

function amountDto({ lo, hi, point }: Amount, hasPoint: boolean): Plain<AmountDto> {
  return { lo, hi, point: hasPoint ? point : null };
}

function differences(
  { record, parts }: Whole,
  { showing, rule, recorded, recordedAt, publishedUntil }: ComparisonContext,
  { total, notPlaced, official }: { total: RecordedAmount; notPlaced: RecordedAmount; official: OfficialSideDto },
) {
  const codes = [record.body.area.code, ...[...parts.values()].map(({ area }) => area.code)];
  return differencesOf({
    aggregate: record.body,
    exclusionReasons: official.coverageExclusions.map(({ reason }) => reason),
    unallocated: official.unallocated,
    police: rule.police,
    recorded: total,
    placedOnlyToCountry: notPlaced,
    datedOnlyTo: recorded?.datedOnlyTo ?? {},
    flags: recorded?.flags ?? {},
    publishers: recorded?.publishers ?? [],
    boundary: showing.set.name,
    unknownAreas: codes.filter((code) => showing.set.findCode(code) === null),
    recordedAt,
    publishedUntil,
  });
}
