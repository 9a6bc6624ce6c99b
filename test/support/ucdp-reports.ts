import { existsSync } from 'node:fs';
import type { Report } from '#app/domain';
import { countryOf } from '../../apps/cli/src/import-ucdp/country-of.js';
import { emptyMapped, mapRows } from '../../apps/cli/src/import-ucdp/map-rows.js';
import { scan } from '../../apps/cli/src/import-ucdp/scan.js';
import { sharedDataPath } from './shared-data.js';

export { UCDP_SOURCE } from '../../apps/cli/src/import-ucdp/to-report.js';

/** UCDP's file of Iraq, 1989–2018. It is not part of a plain clone: who needs it skips with a printed reason. */
export const UCDP_IRAQ = sharedDataPath('ucdp', 'conflict_data_irq.csv');
export const hasUcdpIraq = existsSync(UCDP_IRAQ);

/** The reports that the import makes of the file's rows, of those that begin in some months (`2018-10`). */
export async function ucdpReports(months: readonly string[]): Promise<Report[]> {
  const { release } = await scan(UCDP_IRAQ, null);
  const reports: Report[] = [];
  for await (const { value } of mapRows(UCDP_IRAQ, release, countryOf, emptyMapped())) {
    const { data } = JSON.parse(value) as { data: Report };
    if (months.includes(data.occurred.start.slice(0, 7))) reports.push(data);
  }
  return reports;
}
