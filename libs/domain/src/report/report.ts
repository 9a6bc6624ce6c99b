import type {
  Flag,
  GeoPrecision,
  IncidentType,
  Measure,
  Qualifier,
  SourceKind,
  VictimStatus,
} from '../enumerations.js';

/** Who said something: the outlet, the officer, the ministry. */
export interface Party {
  name: string;
  kind: SourceKind;
}

/** One number as a claimant states it. `hi: null` = open; `point` = the publisher's own best figure. */
export interface ClaimedValue {
  qualifier: Qualifier;
  lo?: number | null;
  hi?: number | null;
  point?: number | null;
  phrase?: string | null;
}

/** Without `status` the claim is about the total of the measure, with it about that part. */
export interface CasualtyClaim {
  measure: Measure;
  status?: VictimStatus | null;
  role?: string | null;
  sex?: string | null;
  age?: string | null;
  side?: string | null;
  value: ClaimedValue;
  by?: Party | null;
}

export interface WeaponClaim {
  type: string;
  class?: string | null;
  delivery?: string | null;
  initiation?: string | null;
  by?: Party | null;
}

export interface ActorClaim {
  name: string;
  type?: string | null;
  role?: string | null;
  attribution?: string | null;
  ids?: { scheme: string; id: string }[] | null;
  by?: Party | null;
}

export interface AdminReference {
  /** ISO 3166-2, P-code, GW code …; or only the provider's own name for the area. */
  code?: string | null;
  authority: string;
  name?: string | null;
  level?: number | null;
}

export interface Place {
  name?: string | null;
  country?: string | null;
  admin?: AdminReference[] | null;
  latitude?: number | null;
  longitude?: number | null;
  precision?: GeoPrecision | null;
}

export interface Occurred {
  /** Civil dates as given, YYYY-MM-DD. */
  start: string;
  end: string;
  precision: 'DAY' | 'WEEK' | 'MONTH' | 'YEAR';
  timeZone?: string | null;
  partOfDay?: string | null;
}

/** report.v1 as published (contract §1). Only what is public of it reaches a leaf and the fold. */
export interface Report {
  reportId: string;
  revision: number;
  incident: { ref?: string | null; id?: string | null };
  publishedAt: string;
  retrievedAt?: string | null;
  language?: string | null;
  source: Party & {
    url?: string | null;
    archiveUrl?: string | null;
    documentId?: string | null;
    license?: string | null;
    attribution?: string | null;
    relayedFrom?: Party[] | null;
  };
  occurred: Occurred;
  place: Place;
  classification: {
    incidentType: IncidentType;
    civilianTargeting?: string | null;
    weapons?: WeaponClaim[] | null;
    targets?: string[] | null;
  };
  actors?: ActorClaim[] | null;
  casualties?: CasualtyClaim[] | null;
  summary?: string | null;
  tags?: string[] | null;
  confidential?: Confidential | null;
}

/** Never public: committed in the leaf, sealed beside it, erasable (architecture §2). */
export interface Confidential {
  exactLocation?: { latitude: number; longitude: number; description?: string | null } | null;
  sourceContact?: string | null;
  notes?: string | null;
  victims?: ConfidentialVictim[] | null;
}

export interface ConfidentialVictim {
  /** One key per data subject: the publisher's stable, opaque reference for this person. */
  subjectRef: string;
  name?: string | null;
  names?: string[] | null;
  age?: number | null;
  sex?: string | null;
  occupation?: string | null;
  status?: string | null;
  notes?: string | null;
}

/** The report less its committed values; protected names are pseudonyms. */
export type PublicReport = Omit<Report, 'summary' | 'tags' | 'confidential'>;

/** Where one boundary set puts an incident; null below the precision of the place. */
export interface Placement {
  country: string | null;
  admin1: string | null;
  admin2: string | null;
  admin3: string | null;
  precision: GeoPrecision;
}
export type Placements = Record<string, Placement>;

export type Disposition = 'APPLIED' | 'LATE_REVISION';

/** `data` of ReportRecorded. */
export interface ReportRecordedData {
  report: PublicReport;
  disposition: Disposition;
  placements: Placements;
  flags: Flag[];
}

/** `data` of ReportWithdrawn; the reason is free text and therefore committed. */
export interface ReportWithdrawnData {
  reportId: string;
  incident: { ref?: string | null; id?: string | null };
}
