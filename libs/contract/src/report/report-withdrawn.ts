import { Nested, Required } from '../rules/nesting.js';
import { Line, Text } from '../rules/text.js';
import { IncidentReferenceV1 } from './incident-reference.js';

/** `data` of org.conflictledger.report-withdrawn.v1: final for this source and `reportId`. The reason is committed. */
export class ReportWithdrawnV1 {
  @Required()
  @Line(200)
  reportId!: string;

  @Required()
  @Nested(IncidentReferenceV1)
  incident!: IncidentReferenceV1;

  @Required()
  @Text(2000, 1)
  reason!: string;
}
