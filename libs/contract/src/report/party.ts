import { type Party, SOURCE_KINDS, type SourceKind } from '#app/domain';
import { ListOfNested, Optional, Required } from '../rules/nesting.js';
import { Line, OneOf, Text, WebAddress } from '../rules/text.js';

/** Who said something: the outlet, the officer, the ministry. */
export class PartyV1 implements Party {
  @Required()
  @Line(300)
  name!: string;

  @Required()
  @OneOf(SOURCE_KINDS)
  kind!: SourceKind;
}

/** The source of a report. `url`, `archiveUrl` and `documentId` are committed, not public. */
export class SourceV1 extends PartyV1 {
  @Optional()
  @WebAddress()
  url?: string | null;

  @Optional()
  @WebAddress()
  archiveUrl?: string | null;

  @Optional()
  @Line(300)
  documentId?: string | null;

  @Optional()
  @Line(300)
  license?: string | null;

  @Optional()
  @Text(500)
  attribution?: string | null;

  @Optional()
  @ListOfNested(PartyV1, 10)
  relayedFrom?: PartyV1[] | null;
}
