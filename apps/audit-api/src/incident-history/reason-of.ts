import type { DecisionEvent, ReportState } from '#app/domain';
import type { RecordedEvent } from '#app/log';
import { decisionEventOf } from './decision-leaves.js';

/** Why the figures of an incident changed by an event, or why they did not, in words. */
export function reasonOf(leaf: RecordedEvent, known: readonly ReportState[], incidentId: string): string {
  const decision = decisionEventOf(leaf);
  if (decision !== null) return `${leaf.actor} decided: ${decidedIn(decision, incidentId)}`;
  if (leaf.type === 'ConversionPolicyActivated') return 'another conversion policy reads vague words';
  if (leaf.type === 'ReportWithdrawn') return `the publisher withdrew its report ${leaf.data.reportId}`;
  if (leaf.type === 'PersonalDataErased') return `committed values were erased by authority of ${leaf.data.authority}`;
  if (leaf.type === 'IncidentsPlaced')
    return `placed by boundary set ${leaf.data.boundary}, activated after it was recorded`;
  if (leaf.type !== 'ReportRecorded') return 'recorded';
  const { report, disposition } = leaf.data;
  const name = `revision ${report.revision} of report ${report.reportId}`;
  const before = known.find(({ source, reportId }) => source === leaf.source?.ceSource && reportId === report.reportId);
  const under = leaf.stream === incidentId ? '' : `, recorded under ${leaf.stream}`;
  if (before?.kind === 'WITHDRAWN') return `${name} came after its withdrawal: recorded and ignored${under}`;
  if (disposition === 'LATE_REVISION') return `${name} came after a higher one: recorded and ignored${under}`;
  if (before !== undefined) return `${name} replaces revision ${before.revision}${under}`;
  return `${known.length === 0 ? 'the first report' : 'a further report'}: ${name}${under}`;
}

function decidedIn(event: DecisionEvent, incidentId: string): string {
  switch (event.type) {
    case 'IncidentsMerged':
      return event.data.survivor === incidentId
        ? `${event.data.absorbed.join(', ')} counts under this incident`
        : `it counts under ${event.data.survivor}`;
    case 'MergeReverted':
      return `the merge ${event.data.merge} is taken back`;
    case 'IncidentSplit':
      return `${event.data.reports.map(({ reportId }) => reportId).join(', ')} counts in ${event.data.into}`;
    case 'IncidentVerified':
      return event.data.grade === null ? 'the rule gives the grade again' : `the grade is ${event.data.grade}`;
    case 'IncidentReclassified':
      return event.data.classification === null ? 'the claims classify again' : 'another classification';
    case 'IncidentRedated':
      return event.data.occurred === null ? 'the claims date it again' : 'another date';
    case 'IncidentRelocated':
      return event.data.place === null ? 'the claims place it again' : 'another place';
    case 'IncidentRetracted':
      return 'it is retracted and counts nowhere';
    case 'IncidentReinstated':
      break;
  }
  return 'it is reinstated';
}
