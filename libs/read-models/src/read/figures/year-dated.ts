import type { EntityManager } from 'typeorm';
import { type Tables, tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { cellKey, NO_CELL } from './counted-figures.js';
import type { FigureCell } from './figure-cell.js';
import type { FigureRequest } from './figure-cells.js';
import { countingConditions } from '../incidents/incident-filter.js';
import type { IncidentState } from '../incidents/incident-row.js';
import { exceptRefolded } from '../publication/publication.js';
import { SqlParameters } from '../sql-parameters.js';

interface YearDatedRow {
  publisher: string;
  incident_type: IncidentState['incidentType'];
  verification: IncidentState['verification'];
  start_date: string;
  end_date: string;
  weapon_group: string;
  placements: string;
  incidents: string;
}

/** Few, and with an index of their own: incidents that are dated only to a year, those alike in all that a cell names together. */
const yearDated = ({ incident_version: version }: Tables, conditions: readonly string[]): string => `
SELECT v.publisher, v.incident_type, v.verification, v.start_date::text AS start_date, v.end_date::text AS end_date,
       v.weapon_group, v.placements, count(*) AS incidents
  FROM ${version} v
 WHERE v.time_precision = 'YEAR'
   AND ${conditions.join('\n   AND ')}
 GROUP BY v.publisher, v.incident_type, v.verification, v.start_date, v.end_date, v.weapon_group, v.placements`;

/**
 * How many of the incidents of each cell are dated only to a year, which stand in the month in which that year begins:
 * only versions know it. Cells without any other number, to be added to those of figures.
 */
export async function yearDatedCells(
  tx: EntityManager,
  { position, generation }: AsOf,
  request: FigureRequest,
): Promise<FigureCell[]> {
  const parameters = new SqlParameters();
  const at = parameters.add(position);
  const text = yearDated(tablesOfGeneration(generation), [
    `v.from_position <= ${at}::bigint`,
    `(v.to_position IS NULL OR v.to_position > ${at}::bigint)`,
    ...countingConditions(request.filter, parameters),
    ...exceptRefolded('v', request.publication ?? null, parameters),
  ]);
  const rows = await tx.query<YearDatedRow[]>(text, parameters.values);
  return rows.map((row) => ({
    ...NO_CELL,
    ...cellKey(
      {
        publisher: row.publisher,
        incidentType: row.incident_type,
        verification: row.verification,
        startDate: row.start_date,
        endDate: row.end_date,
        timePrecision: 'YEAR',
        weaponGroup: row.weapon_group,
        placements: JSON.parse(row.placements) as IncidentState['placements'],
      },
      request,
    ),
    measure: 'INCIDENT',
    part: 'TOTAL',
    yearOnly: Number(row.incidents),
  }));
}
