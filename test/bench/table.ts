export interface BenchRow {
  what: string;
  ours: string;
  beside: string;
  ratio: number | null;
  target: string;
  met: boolean;
}

/** A Markdown table; the JSON beside it has the raw figures. */
export function renderTable(
  rows: readonly BenchRow[],
  [ours, beside]: readonly [ours: string, beside: string] = ['ours', 'beside it'],
): string {
  const lines = rows.map(
    (row) =>
      `| ${row.what} | ${row.ours} | ${row.beside} | ${row.ratio === null ? '' : `${row.ratio.toFixed(2)} ×`} | ${row.target} | ${metOf(row)} |`,
  );
  return [`| what | ${ours} | ${beside} | ratio | target | met |`, '|---|---|---|---|---|---|', ...lines].join('\n');
}

/** Nothing where there is no target. */
function metOf({ target, met }: BenchRow): string {
  if (target === '') return '';
  return met ? 'yes' : 'NO';
}

export const perSecond = (n: number, unit: string): string => `${Math.round(n).toLocaleString('en')} ${unit}/s`;
