/**
 * Namespace of incident ids: id = UUIDv5(namespace, JCS([CloudEvents source, incident.ref])), architecture §2.
 * A constant for ever: another value would give every incident a new id.
 */
export const INCIDENT_NAMESPACE = '6f1f7c0a-5d3e-5b0c-9a54-2f8d1c7e4b60';
