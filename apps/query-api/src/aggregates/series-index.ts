import {
  type ConversionPolicy,
  lengthOf,
  numberOf,
  type Period,
  type PublicAggregate,
  recordOf,
  type SeriesNumber,
  type SeriesRecord,
  stepOf,
} from '#app/domain';
import { isoSet } from '#app/geography';
import { type OfficialRecord, periodKey } from '#app/read-models';
import { areaKey } from '../official/areas.js';
import type { RecordsDto, SeriesNumberDto, SeriesRecordDto, SeriesStandingDto } from './aggregates.dto.js';

type Published = OfficialRecord<'AGGREGATE'>;

const TOGETHER = 'KILLED + INJURED';

/** The numbers of every series that are present at one moment, ready to be compared. */
export class SeriesIndex {
  readonly #numbers = new Map<string, SeriesNumber[]>();
  /** Series, indicator, area and first day → the definitions under which the series has a number. */
  readonly #definitions = new Map<string, string[]>();

  constructor(records: readonly Published[], policy: ConversionPolicy) {
    for (const { source, body } of records) {
      const value = numberOf(body.value, policy);
      this.#put(seriesKey(source, body, body.indicator), { period: body.period, value });
      if (value !== null) {
        const key = periodKeyOf(source, body, body.period.start);
        this.#definitions.set(key, [...(this.#definitions.get(key) ?? []), body.statusDefinition]);
      }
    }
    for (const { source, body } of records) {
      if (body.indicator !== 'KILLED') continue;
      const period = body.period;
      const killed = numberOf(body.value, policy);
      const injured = this.#numberAt(seriesKey(source, body, 'INJURED'), period);
      const value = killed === null || injured === null ? null : killed + injured;
      this.#put(seriesKey(source, body, TOGETHER), { period, value });
    }
    for (const numbers of this.#numbers.values()) {
      numbers.sort((a, b) => (a.period.start < b.period.start ? -1 : 1));
    }
  }

  recordsOf(record: Published): RecordsDto {
    const { indicator } = record.body;
    const isPart = indicator === 'KILLED' || indicator === 'INJURED';
    const together = isPart ? this.#standing(record, TOGETHER) : null;
    return {
      indicator: this.#standing(record, indicator),
      killedAndInjured: together === null || together.value === null ? null : together,
    };
  }

  #standing({ source, body }: Published, indicator: string): SeriesStandingDto {
    const key = seriesKey(source, body, indicator);
    const numbers = this.#numbers.get(key) ?? [];
    const isKnown = ({ value }: SeriesNumber): boolean => value !== null;
    const begins = numbers.find(isKnown);
    const dto = (record: SeriesRecord | null): SeriesRecordDto | null =>
      record === null || begins === undefined
        ? null
        : {
            since: numberDto(record.since),
            isOfAllPresent: record.isOfAllPresent,
            overtakenBy: numberDto(record.overtakenBy),
            seriesBegins: numberDto(begins),
            comparedPeriods: record.comparedPeriods,
            missingPeriods: record.missingPeriods?.map((start) => label(start, body.period)) ?? null,
            hasMoreMissing: record.hasMoreMissing,
            underOtherDefinitions: this.#otherDefinitions(source, body, record.missingPeriods ?? []),
          };
    return {
      value: this.#numberAt(key, body.period),
      lowest: dto(recordOf('lowest', body.period, numbers)),
      highest: dto(recordOf('highest', body.period, numbers)),
    };
  }

  #otherDefinitions(
    source: string,
    body: PublicAggregate,
    starts: readonly string[],
  ): SeriesRecordDto['underOtherDefinitions'] {
    return starts.flatMap((start) =>
      (this.#definitions.get(periodKeyOf(source, body, start)) ?? [])
        .filter((statusDefinition) => statusDefinition !== body.statusDefinition)
        .map((statusDefinition) => ({ period: label(start, body.period), statusDefinition })),
    );
  }

  #put(key: string, number: SeriesNumber): void {
    const numbers = this.#numbers.get(key);
    if (numbers === undefined) this.#numbers.set(key, [number]);
    else numbers.push(number);
  }

  #numberAt(key: string, { start, end }: Period): number | null {
    const found = this.#numbers.get(key)?.find(({ period }) => period.start === start && period.end === end);
    return found?.value ?? null;
  }
}

/** What is compared with each other: numbers of one series of one source on the same thing, area and length of period. */
function seriesKey(source: string, body: PublicAggregate, indicator: string): string {
  const { seriesId, kind, statusDefinition, area, period } = body;
  return JSON.stringify([
    source,
    seriesId,
    kind,
    statusDefinition,
    areaKey(isoSet, area.code),
    lengthOf(period),
    indicator,
  ]);
}

function periodKeyOf(source: string, body: PublicAggregate, start: string): string {
  const { seriesId, kind, area, period, indicator } = body;
  return JSON.stringify([source, seriesId, kind, areaKey(isoSet, area.code), lengthOf(period), indicator, start]);
}

function numberDto(number: SeriesNumber): SeriesNumberDto;
function numberDto(number: SeriesNumber | null): SeriesNumberDto | null;
function numberDto(number: SeriesNumber | null): SeriesNumberDto | null {
  if (number === null || number.value === null) return null;
  const { period, value } = number;
  return { ...period, period: label(period.start, period), value };
}

/** The name of the period that begins on a day, in the step of another one. */
function label(start: string, like: Period): string {
  const step = stepOf(like);
  if (step === null) return `${like.start}/${like.end}`;
  if (step === 'quarter') return `${start.slice(0, 4)}-Q${Math.ceil(Number(start.slice(5, 7)) / 3)}`;
  return step === 'week' && !isMonday(start) ? start : periodKey(step, start);
}

function isMonday(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).getUTCDay() === 1;
}
