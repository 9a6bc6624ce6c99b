import { findCountry } from '#app/geography';

/** The ISO 3166-1 code of UCDP's country: by Gleditsch-Ward code, else by name; null where there is none. */
export function countryOf(gwCode: string, name: string): string | null {
  const country = (gwCode === '' ? null : findCountry(gwCode)) ?? findCountry(name);
  return country?.country ?? null;
}
