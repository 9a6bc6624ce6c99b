import type { Report } from '#app/domain';
import { ListOf, ListOfNested, Nested, Optional, Required } from '../rules/nesting.js';
import { Integer } from '../rules/number.js';
import { Language, Line, lineRule, Text } from '../rules/text.js';
import { Timestamp } from '../rules/time.js';
import { ActorV1 } from './actor.js';
import { CasualtyV1 } from './casualty.js';
import { ClassificationV1 } from './classification.js';
import { ConfidentialV1 } from './confidential.js';
import { IncidentReferenceV1 } from './incident-reference.js';
import { OccurredV1 } from './occurred.js';
import { SourceV1 } from './party.js';
import { PlaceV1 } from './place.js';

/**
 * `data` of org.conflictledger.report.v1 (contract §1): what one source said about one incident. A missing optional
 * member and one that is null mean the same. Lengths and item counts keep an ordinary leaf below its 60 KiB.
 */
export class ReportV1 implements Report {
  @Required()
  @Line(200)
  reportId!: string;

  @Required()
  @Integer(1)
  revision!: number;

  @Required()
  @Nested(IncidentReferenceV1)
  incident!: IncidentReferenceV1;

  @Required()
  @Timestamp()
  publishedAt!: string;

  @Optional()
  @Timestamp()
  retrievedAt?: string | null;

  @Optional()
  @Language()
  language?: string | null;

  @Required()
  @Nested(SourceV1)
  source!: SourceV1;

  @Required()
  @Nested(OccurredV1)
  occurred!: OccurredV1;

  @Required()
  @Nested(PlaceV1)
  place!: PlaceV1;

  @Required()
  @Nested(ClassificationV1)
  classification!: ClassificationV1;

  @Optional()
  @ListOfNested(ActorV1, 40)
  actors?: ActorV1[] | null;

  @Optional()
  @ListOfNested(CasualtyV1, 100)
  casualties?: CasualtyV1[] | null;

  @Optional()
  @Text(20_000)
  summary?: string | null;

  @Optional()
  @ListOf(lineRule(100), 100)
  tags?: string[] | null;

  @Optional()
  @Nested(ConfidentialV1)
  confidential?: ConfidentialV1 | null;
}
