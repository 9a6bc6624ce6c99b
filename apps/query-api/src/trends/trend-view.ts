import { type PublicTrend, speakerOf } from '#app/domain';
import type { BoundarySet } from '#app/geography';
import type { CsvColumn } from '#app/http-edge';
import type { OfficialRecord } from '#app/read-models';
import { foundArea } from '../official/areas.js';
import { officialDto, partyDto } from '../official/official-view.js';
import type { OpenedValues } from '../opening/open-values.js';
import type { AssertionDto, TrendDto } from './trends.dto.js';

export function trendDto(
  record: OfficialRecord<'TREND'>,
  opened: OpenedValues | undefined,
  set: BoundarySet,
): Pick<TrendDto, keyof TrendDto> {
  const { trendId, metric, direction, since, period, magnitude } = record.body;
  return {
    ...officialDto(record, opened),
    trendId,
    metric,
    direction,
    since: since ?? null,
    areas: record.body.areas.map((area) => areaDto(area, set)),
    period,
    speaker: partyDto(speakerOf(record.body)),
    magnitude: magnitude ?? null,
  };
}

function areaDto({ code, name }: PublicTrend['areas'][number], set: BoundarySet): TrendDto['areas'][number] {
  // A name alone stays a name: which area a publisher means by it is not guessed.
  if (code == null) return { code: null, region: null, name: null, givenName: name ?? null };
  return { ...foundArea(set, code), givenName: name ?? null };
}

export function assertionDto({ id, body }: OfficialRecord<'TREND'>): AssertionDto {
  const { trendId, metric, direction, since, period, publisher, publishedAt, magnitude } = body;
  return {
    id,
    trendId,
    metric,
    direction,
    since: since ?? null,
    period,
    speaker: partyDto(speakerOf(body)),
    publisher: partyDto(publisher),
    publishedAt,
    magnitude: magnitude ?? null,
  };
}

const column = (name: string, hxl: string, value: (trend: TrendDto) => string | number | null) => {
  return { name, hxl, value } satisfies CsvColumn<TrendDto>;
};

export const TREND_COLUMNS: readonly CsvColumn<TrendDto>[] = [
  column('trend_id', '#meta+id', ({ trendId }) => trendId),
  column('source', '#meta+source', ({ source }) => source),
  column('publisher', '#org+publisher', ({ publisher }) => publisher.name),
  column('speaker', '#org+speaker', ({ speaker }) => speaker.name),
  column('metric', '#indicator+metric', ({ metric }) => metric),
  column('direction', '#indicator+direction', ({ direction }) => direction),
  column('since', '#date+since', ({ since }) => since),
  column('period_start', '#date+start', ({ period }) => period.start),
  column('period_end', '#date+end', ({ period }) => period.end),
  column('region_codes', '#geo+code', ({ areas }) => areas.map(({ region, code }) => region ?? code ?? '').join('|')),
  column('region_names', '#geo+name', ({ areas }) =>
    areas.map(({ name, givenName }) => name ?? givenName ?? '').join('|'),
  ),
  column('magnitude', '#indicator+num', ({ magnitude }) => magnitude),
  column('published_at', '#date+published', ({ publishedAt }) => publishedAt),
  column('url', '#meta+url', ({ url }) => url),
  column('position', '#meta+position', ({ position }) => position),
  column('withheld', '#meta+withheld+num', ({ withheld }) => withheld),
];
