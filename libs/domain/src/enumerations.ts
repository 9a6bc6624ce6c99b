/**
 * Closed lists of the contract. Sources and mappings to ACLED, UCDP, Airwars and SDG 16.1.2: docs/enumerations.md.
 * A list only ever grows: a value that was recorded once stays readable for ever.
 */
export const MEASURES = ['KILLED', 'INJURED', 'MISSING', 'ABDUCTED', 'CASUALTIES_UNSPECIFIED'] as const;
export type Measure = (typeof MEASURES)[number];

export const VICTIM_STATUSES = [
  'CIVILIAN',
  'OTHER_PROTECTED',
  'ARMED_FORCES_MEMBER',
  'DIRECT_PARTICIPANT',
  'UNKNOWN',
] as const;
export type VictimStatus = (typeof VICTIM_STATUSES)[number];

/** What a posting is about: the total of a measure, or the part of one victim status. */
export type Part = 'TOTAL' | VictimStatus;

export const QUALIFIERS = [
  'EXACT',
  'AT_LEAST',
  'AT_MOST',
  'ABOUT',
  'BETWEEN',
  'VAGUE',
  'UNKNOWN',
  'NONE_REPORTED',
] as const;
export type Qualifier = (typeof QUALIFIERS)[number];

export const SOURCE_KINDS = [
  'MEDIA_LOCAL',
  'MEDIA_NATIONAL',
  'MEDIA_INTERNATIONAL',
  'WIRE',
  'SOCIAL',
  'NGO',
  'UN',
  'STATE_MILITARY',
  'STATE_CIVIL',
  'HEALTH_AUTHORITY',
  'NON_STATE_ARMED_GROUP',
  'POLITICAL_PARTY',
  'WITNESS',
  'PARTNER_CONFIDENTIAL',
  'OTHER_DATASET',
] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Source kinds whose names never enter a leaf: a pseudonym stands for them. */
export const PROTECTED_SOURCE_KINDS: ReadonlySet<string> = new Set(['WITNESS', 'SOCIAL', 'PARTNER_CONFIDENTIAL']);

export const INCIDENT_TYPES = [
  'ARMED_CLASH',
  'TERRITORY_GAINED_STATE',
  'TERRITORY_GAINED_NONSTATE',
  'AIR_STRIKE',
  'DRONE_STRIKE',
  'SHELLING_ARTILLERY_MISSILE',
  'IED_ATTACK',
  'SUICIDE_ATTACK',
  'MINE_ERW',
  'GRENADE',
  'CHEMICAL',
  'ATTACK_ON_CIVILIANS',
  'ASSASSINATION',
  'ABDUCTION',
  'SEXUAL_VIOLENCE',
  'EXECUTION_EXTRAJUDICIAL',
  'INFRASTRUCTURE_ATTACK',
  'WEAPON_INTERDICTION',
  'ARREST',
  'AGREEMENT',
  'BASE_ESTABLISHED',
  'GROUP_CHANGE',
  'TERRITORY_TRANSFER_NONVIOLENT',
  'STRATEGIC_OTHER',
  'PROTEST_PEACEFUL',
  'PROTEST_INTERVENTION',
  'PROTEST_EXCESSIVE_FORCE',
  'RIOT_VIOLENT_DEMO',
  'MOB_VIOLENCE',
  'UNKNOWN_VIOLENCE',
] as const;
export type IncidentType = (typeof INCIDENT_TYPES)[number];

export const CIVILIAN_TARGETING = ['YES', 'NO', 'UNKNOWN'] as const;

export const WEAPON_TYPES = [
  'AIR_BOMB',
  'GUIDED_MISSILE',
  'UAV_MUNITION',
  'ARTILLERY',
  'MORTAR',
  'ROCKET',
  'TANK',
  'IED',
  'MINE',
  'CLUSTER',
  'GRENADE',
  'FIREARM',
  'BLADE',
  'ARSON',
  'CHEMICAL_AGENT',
  'VEHICLE_RAMMING',
  'OTHER',
  'UNKNOWN',
] as const;

/** OHCHR / SDG 16.1.2 cause classes. */
export const WEAPON_CLASSES = [
  'HEAVY_EXPLOSIVE_MUNITION',
  'PLANTED_EXPLOSIVE_UXO',
  'SMALL_ARMS',
  'INCENDIARY',
  'CBRN',
  'ELECTROMAGNETIC',
  'LESS_LETHAL',
  'DENIAL_OF_SURVIVAL_OBJECTS',
  'CONFLICT_ACCIDENT',
  'OBJECT_OTHER',
  'UNKNOWN',
] as const;

export const WEAPON_DELIVERIES = [
  'VBIED',
  'LVBIED',
  'MOTORCYCLE_VBIED',
  'UVIED',
  'PBIED',
  'WATERBORNE',
  'ROADSIDE',
  'BUILDING',
  'PACKAGE_POSTAL',
  'ANIMAL_BORNE',
  'AERIAL',
  'UNKNOWN',
] as const;

export const WEAPON_INITIATIONS = [
  'TIME',
  'COMMAND_WIRE',
  'COMMAND_RADIO',
  'VICTIM_OPERATED',
  'SUICIDE',
  'COMBINATION',
  'HOAX',
  'FALSE',
  'UNKNOWN',
] as const;

export const TARGETS = [
  'CIVILIANS',
  'BUSINESS',
  'MARKET',
  'RESTAURANT_OR_CAFE',
  'RESIDENTIAL',
  'EDUCATION',
  'HEALTH',
  'RELIGIOUS',
  'CULTURAL',
  'MEDIA',
  'HUMANITARIAN',
  'GOVERNMENT',
  'COMMUNITY_LEADER',
  'POLICE',
  'MILITARY',
  'NON_STATE_ARMED_GROUP',
  'CHECKPOINT',
  'TRANSPORT',
  'ROAD_OR_BRIDGE',
  'POWER_GRID',
  'WATER',
  'OIL_AND_GAS',
  'TELECOMMUNICATIONS',
  'AGRICULTURE',
  'DISPLACED_PERSONS',
  'OTHER',
  'UNKNOWN',
] as const;

export const ACTOR_TYPES = [
  'STATE_FORCES',
  'SUBSTATE_FORCES',
  'REBEL_GROUP',
  'POLITICAL_MILITIA',
  'IDENTITY_MILITIA',
  'RIOTERS',
  'PROTESTERS',
  'CIVILIANS',
  'EXTERNAL_OTHER',
  'UNIDENTIFIED_ARMED',
] as const;
export const ACTOR_ROLES = ['PERPETRATOR', 'TARGET', 'VICTIM_GROUP', 'PARTICIPANT', 'INITIATOR_UNKNOWN'] as const;
export const ATTRIBUTIONS = [
  'CLAIMED',
  'ADMITTED',
  'ALLEGED',
  'DENIED',
  'ASSESSED',
  'CONTESTED',
  'UNATTRIBUTED',
] as const;

export const VICTIM_ROLES = [
  'POLICE_NON_COMBAT',
  'CIVIL_DEFENCE',
  'COMMUNITY_LEADER',
  'JOURNALIST',
  'HEALTH_WORKER',
  'HUMANITARIAN_WORKER',
  'HUMAN_RIGHTS_DEFENDER',
  'TRADE_UNIONIST',
  'RELIGIOUS_PERSONNEL',
  'EDUCATION_WORKER',
  'GOVERNMENT_OFFICIAL',
  'HORS_DE_COMBAT',
  'OTHER',
  'UNKNOWN',
] as const;
export const SEXES = ['MAN', 'WOMAN', 'OTHER', 'UNKNOWN'] as const;
export const AGES = ['ADULT', 'CHILD', 'UNKNOWN'] as const;
export const SIDES = ['A', 'B', 'CIVILIAN', 'UNKNOWN'] as const;

export const TIME_PRECISIONS = ['DAY', 'WEEK', 'MONTH', 'YEAR'] as const;
export const PARTS_OF_DAY = ['MORNING', 'AFTERNOON', 'EVENING', 'NIGHT', 'UNKNOWN'] as const;

/** From the finest to the coarsest; mappings to ACLED, UCDP and Airwars in docs/enumerations.md. */
export const GEO_PRECISIONS = [
  'EXACT_POINT',
  'STREET_OR_LANDMARK',
  'NEIGHBOURHOOD',
  'SETTLEMENT',
  'NEAR_SETTLEMENT',
  'ADM3',
  'ADM2',
  'ADM1',
  'SUPRA_ADM1',
  'COUNTRY',
  'WATER_AIRSPACE',
  'UNKNOWN',
] as const;
export type GeoPrecision = (typeof GEO_PRECISIONS)[number];

export const VERIFICATIONS = [
  'REPORTED',
  'SINGLE_SOURCE',
  'CORROBORATED',
  'CONFIRMED',
  'CONTESTED',
  'DISCOUNTED',
  'RETRACTED',
] as const;
export type Verification = (typeof VERIFICATIONS)[number];

export const ESTIMATORS = ['conservative', 'median', 'max', 'latest', 'best'] as const;
export type Estimator = (typeof ESTIMATORS)[number];

/** Flags that travel from claims to the incident and are counted in answers (domain fold 10). */
export const FLAGS = [
  'INTERVAL_INCONSISTENT',
  'DERIVED_FROM_PARTS',
  'CROSSES_PERIOD',
  'PHRASE_UNKNOWN',
  'CONTESTED_DATE',
  'CONTESTED_PLACE',
  'CONTESTED_TYPE',
  'CONTESTED_WEAPON',
  'CONTESTED_PERPETRATOR',
] as const;
export type Flag = (typeof FLAGS)[number];
