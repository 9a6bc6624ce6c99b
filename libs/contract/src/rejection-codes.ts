/**
 * Every stable code with which a message, or one member of it, is refused, and what it means. Published in the docs,
 * in problem+json answers, in `ledger.rejection` and in ReportRejected events. A code is never renamed or reused.
 */
export const REJECTION_CODES = {
  // The message as bytes.
  TOMBSTONE: 'The Kafka message has no value; nothing in this ledger is deleted by key.',
  EMPTY_MESSAGE: 'The message value has no bytes.',
  MESSAGE_TOO_LARGE: 'The message value is larger than 1 MiB.',
  INVALID_UTF8: 'The message value is not valid UTF-8.',
  BYTE_ORDER_MARK: 'The message value begins with a byte order mark; JSON must not.',
  NOT_JSON: 'The message value is not JSON.',
  NESTING_TOO_DEEP: 'Objects and arrays are nested more than 32 deep.',
  NUL_CHARACTER: 'A string or member name contains U+0000, raw or as an escape.',
  LONE_SURROGATE: 'A string or member name contains half of a surrogate pair, which is no character.',
  DUPLICATE_MEMBER: 'An object names the same member twice; readers would disagree on its value.',
  RESERVED_MEMBER: 'An object has a member named __proto__.',
  NUMBER_NOT_FINITE: 'A number is too large for a double (for instance 1e400).',
  NUMBER_NOT_EXACT: 'A number would change its value when read as a double (for instance beyond 2^53).',

  // The message as a CloudEvent.
  HEADER_DUPLICATED: 'A Kafka header that must be unique is given twice.',
  HEADER_NOT_UTF8: 'A Kafka header value is not valid UTF-8.',
  CONTENT_TYPE_NOT_SUPPORTED: 'The content type is neither CloudEvents JSON (structured) nor JSON (binary), in UTF-8.',
  BATCH_NOT_SUPPORTED: 'A CloudEvents batch in one Kafka message; send one event per message.',
  NOT_A_CLOUDEVENT: 'Neither a structured CloudEvent nor one with ce_ headers.',
  SPECVERSION_NOT_SUPPORTED: 'The CloudEvents specversion is not 1.0.',
  ATTRIBUTE_MISSING: 'A required CloudEvents attribute (id, source, type, specversion) is missing.',
  ATTRIBUTE_INVALID: 'A CloudEvents attribute has a wrong name, type, length or content.',
  DATA_MISSING: 'The CloudEvent has no data.',
  DATA_NOT_JSON: 'The CloudEvent carries its data as base64 or with a content type that is not JSON.',

  // What the message is allowed to be.
  TYPE_UNKNOWN: 'The CloudEvents type is not one of the contract.',
  TYPE_NOT_SUPPORTED:
    'The CloudEvents type is one of the contract, but an earlier version did not record it yet; requeue it.',
  TYPE_NOT_ALLOWED_ON_TOPIC: 'Decisions travel on the decisions topic only, and nothing else does.',
  SOURCE_NOT_ALLOWED: 'The topic may not carry this CloudEvents source.',
  DECISION_NOT_SUPPORTED:
    'The kind of decision is one of the contract, but an earlier version did not carry it out yet; requeue it.',

  // The members of its data.
  DATA_INVALID: 'Several members of the data are refused; the problems name each.',
  REQUIRED: 'A required member is missing or null.',
  UNKNOWN_FIELD: 'The schema is closed and does not have this member.',
  WRONG_TYPE: 'A member has the wrong JSON type.',
  UNKNOWN_VALUE: 'A member is not one of its closed list.',
  EMPTY_STRING: 'A string is empty or blank.',
  TOO_LONG: 'A string has too many characters.',
  TOO_MANY_ITEMS: 'An array has too many items.',
  TOO_FEW_ITEMS: 'An array has too few items.',
  INVALID_FORMAT: 'A string does not have the form that its member needs, or holds control characters.',
  INVALID_DATE: 'Not a real civil date YYYY-MM-DD of the years 1900 to 2199.',
  INVALID_TIMESTAMP: 'Not a real RFC 3339 time with its offset, of the years 1900 to 2199.',
  INVALID_UUID: 'Not a UUID in lower case.',
  NOT_INTEGER: 'A number has a fraction where only a count or an order is possible.',
  OUT_OF_RANGE: 'A number is outside its range; no count is negative.',
  DATES_REVERSED: 'The end lies before the start.',
  POINT_INCOMPLETE: 'Latitude and longitude must be given both or not at all.',
  PLACE_MISSING: 'A place needs a name, a code or a point.',
  EXACTLY_ONE_REQUIRED: 'Exactly one of several members must be given.',
  NOT_OF_THIS_KIND: 'A member does not belong to this kind of decision.',
  SCHEMA_VIOLATED: 'The data breaks a rule of its JSON Schema that has no code of its own.',

  // What the ledger already holds.
  IDENTITY_CONFLICT: 'Another message with the same CloudEvents source and id but other content is recorded.',
  REVISION_CONFLICT: 'The same reportId and revision is recorded already under another CloudEvents id.',
  INCIDENT_CHANGED: 'The report is recorded under another incident; a report stays with its incident.',
  INCIDENT_UNKNOWN: 'The report or withdrawal names an incident by a ledger id that no recorded report has.',
  LEAF_TOO_LARGE: 'The event would be larger than the 60 KiB that one leaf of the log may have.',
  DECISION_STALE: 'The stream has moved on since the version that the steward saw.',
  DECISION_TARGET_UNKNOWN: 'The decision names a rejection, report, incident, merge or snapshot that does not exist.',
  DECISION_TARGET_MERGED: 'The decision names an incident that counts under another one, which is in the detail.',
  DECISION_NOT_APPLICABLE:
    'The decision would change nothing: what it asks for holds already, or nothing is there to take back.',
  SNAPSHOT_NAME_TAKEN: 'A snapshot of this name is sealed already; names are given once.',
  POLICY_UNKNOWN: 'No conversion policy of this name is built in or was activated before.',
  POLICY_VERSION_TAKEN: 'Another conversion policy has this version number; numbers are given once.',
  BOUNDARY_SET_UNKNOWN: 'No boundary set of this name is built in or was imported.',
  BOUNDARY_SET_PLACING:
    'The version of this boundary set that was activated before is still placing what was recorded before it.',
  DECISION_TARGET_AMBIGUOUS: 'The decision names a reportId that several sources use; give its source.',
  DECISION_ALREADY_TAKEN: 'The rejection was requeued, discarded or erased before.',
  NOTHING_TO_ERASE: 'No erasable value lies under the given paths.',
  UNPROCESSABLE: 'The message alone makes its batch fail for a reason that no other code names.',
} as const;

export type RejectionCode = keyof typeof REJECTION_CODES;

/** One thing that is wrong. `pointer` is an RFC 6901 JSON Pointer; `detail` says what would be right, never the value. */
export interface Problem {
  pointer: string;
  code: RejectionCode;
  detail: string;
}

/** The code of a refused message: that of its problems when they agree, else DATA_INVALID. */
export function rejectionCodeOf(problems: readonly Problem[]): RejectionCode {
  const codes = new Set(problems.map((problem) => problem.code));
  const [only] = codes;
  return codes.size === 1 && only !== undefined ? only : 'DATA_INVALID';
}
