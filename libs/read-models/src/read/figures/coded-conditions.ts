import { DATED_TO_YEAR } from '#app/domain';
import type { CodeKind } from '../../rows.js';
import type { Tables } from '../../project/tables.js';
import { countryOf, type IncidentFilter } from '../incidents/incident-filter.js';
import type { SqlParameters } from '../sql-parameters.js';
import { tellsYear } from './dimension.js';
import type { FigureRequest } from './figure-cells.js';

/**
 * Conditions on a posting or balance `p`, which has numbers for words: those of the words asked for are looked up first, once.
 * Dates aside, all that a filter asks of what postings carry.
 */
export class CodedConditions {
  constructor(
    private readonly tables: Tables,
    private readonly parameters: SqlParameters,
  ) {}

  of(request: FigureRequest): string[] {
    const { filter } = request;
    return [
      ...this.#regions(filter),
      ...(filter.publishers.length === 0
        ? []
        : [`p.publisher = ${this.#any('PUBLISHER', [`first = ANY(${this.#texts(filter.publishers)})`])}`]),
      ...this.#classes(filter),
      this.#figures(request),
    ];
  }

  #regions({ boundary, regions }: IncidentFilter): string[] {
    const codesOf = (asked: string): string[] => regions.filter(({ level }) => level === asked).map(({ code }) => code);
    const [countries, firsts, seconds] = [codesOf('country'), codesOf('admin1'), codesOf('admin2')];
    const ofSet = `first = ${this.parameters.add(boundary)}::text`;
    const named = [
      ...(countries.length === 0 ? [] : [`second = ANY(${this.#texts(countries)})`]),
      ...(firsts.length === 0 ? [] : [`third = ANY(${this.#texts(firsts)})`]),
    ];
    const inNamed = named.length === 0 ? [] : [`(${named.join(' OR ')})`];
    if (seconds.length === 0) return [`p.region = ${this.#any('REGION', [ofSet, ...inNamed])}`];
    // The indexes begin with the regions: a country that the areas imply names fewer of them.
    const implied = [...new Set(regions.map((region) => countryOf(region, boundary)))];
    const inImplied = implied.includes(null) ? [] : [`second = ANY(${this.#texts(implied)})`];
    const areas = [
      ...(named.length === 0 ? [] : [`p.region = ${this.#any('REGION', [ofSet, ...inNamed])}`]),
      `p.area = ${this.#any('AREA', [`first = ANY(${this.#texts(seconds)})`])}`,
    ];
    return [`p.region = ${this.#any('REGION', [ofSet, ...inImplied])}`, `(${areas.join(' OR ')})`];
  }

  #classes({ incidentTypes, verifications }: IncidentFilter): string[] {
    const named = [
      ...(incidentTypes.length === 0 ? [] : [`first = ANY(${this.#texts(incidentTypes)})`]),
      ...(verifications.length === 0 ? [] : [`second = ANY(${this.#texts(verifications)})`]),
    ];
    return [
      ...(verifications.length === 0 ? ['p.class > 0'] : []),
      ...(named.length === 0 ? [] : [`p.class = ${this.#any('CLASS', named)}`]),
    ];
  }

  /** Each side of the alternative names the sign, which is what the indexes are divided by. */
  #figures(request: FigureRequest): string {
    const { filter, dimensions, onlyIncidents } = request;
    const { measures, statuses } = filter;
    const incidents = tellsYear(request) ? `'INCIDENT', '${DATED_TO_YEAR}'` : `'INCIDENT'`;
    if (onlyIncidents === true)
      return `p.figure > 0 AND p.figure = ${this.#any('FIGURE', [`first IN (${incidents})`])}`;
    const ofMeasures = measures.length === 0 ? [] : [`first = ANY(${this.#texts(measures)})`];
    const counts = `first IN (${incidents}, 'FLAG')`;
    if (statuses.length > 0 || dimensions.includes('status')) {
      const named = [...ofMeasures, ...(statuses.length === 0 ? [] : [`second = ANY(${this.#texts(statuses)})`])];
      const parts = named.length === 0 ? '' : ` AND p.figure = ${this.#any('FIGURE', named)}`;
      return `(p.figure < 0${parts} OR p.figure > 0 AND p.figure = ${this.#any('FIGURE', [counts])})`;
    }
    if (ofMeasures.length === 0) return `p.figure > 0${tellsYear(request) ? '' : this.#butYear()}`;
    return `p.figure > 0 AND p.figure = ${this.#any('FIGURE', [`(${counts} OR ${ofMeasures.join('')})`])}`;
  }

  /** Of figures without a date that is finer than a year; what no incident is dated to has no number yet. */
  #butYear(): string {
    const code = `SELECT code FROM ${this.tables.code} WHERE kind = 'FIGURE' AND first = '${DATED_TO_YEAR}' AND second = 'TOTAL'`;
    return ` AND p.figure IS DISTINCT FROM (${code})`;
  }

  #any(kind: CodeKind, conditions: readonly string[]): string {
    return `ANY(ARRAY(SELECT code FROM ${this.tables.code} WHERE kind = '${kind}' AND ${conditions.join(' AND ')}))`;
  }

  #texts(values: readonly (string | null)[]): string {
    return `${this.parameters.add(values)}::text[]`;
  }
}
