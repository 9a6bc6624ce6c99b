export interface BenchRow {
  what: string;
  ours: string;
  beside: string;
  ratio: number | null;
  target: string;
  met: boolean;
}

/** A Markdown table; the JSON beside it has the raw figures. */
export function renderTable(rows: readonly BenchRow[]): string {
  const lines = rows.map(
    ({ what, ours, beside, ratio, target, met }) =>
      `| ${what} | ${ours} | ${beside} | ${ratio === null ? '' : `${ratio.toFixed(2)} ×`} | ${target} | ${met ? 'yes' : 'NO'} |`,
  );
  return ['| what | ours | beside it | ratio | target | met |', '|---|---|---|---|---|---|', ...lines].join('\n');
}

export const perSecond = (n: number, unit: string): string => `${Math.round(n).toLocaleString('en')} ${unit}/s`;
