import { type Confidential, type ConfidentialVictim, SEXES, VICTIM_STATUSES } from '#app/domain';
import { ListOf, ListOfNested, Nested, Optional, Required } from '../rules/nesting.js';
import { Degrees, Integer } from '../rules/number.js';
import { Line, lineRule, OneOf, Text } from '../rules/text.js';

/** Where exactly, when that would endanger somebody. */
export class ExactLocationV1 {
  @Required()
  @Degrees(90)
  latitude!: number;

  @Required()
  @Degrees(180)
  longitude!: number;

  @Optional()
  @Text(1000)
  description?: string | null;
}

/** A person. `subjectRef` is the publisher's stable, opaque reference: one key is kept per data subject. */
export class VictimV1 implements ConfidentialVictim {
  @Required()
  @Line(100)
  subjectRef!: string;

  @Optional()
  @Line(300)
  name?: string | null;

  @Optional()
  @ListOf(lineRule(300), 20)
  names?: string[] | null;

  @Optional()
  @Integer(0, 150)
  age?: number | null;

  @Optional()
  @OneOf(SEXES)
  sex?: string | null;

  @Optional()
  @Line(200)
  occupation?: string | null;

  @Optional()
  @OneOf(VICTIM_STATUSES)
  status?: string | null;

  @Optional()
  @Text(2000)
  notes?: string | null;
}

/** Never public: committed in the leaf, sealed beside it, erasable (architecture §2). */
export class ConfidentialV1 implements Confidential {
  @Optional()
  @Nested(ExactLocationV1)
  exactLocation?: ExactLocationV1 | null;

  @Optional()
  @Text(2000)
  sourceContact?: string | null;

  @Optional()
  @Text(20_000)
  notes?: string | null;

  @Optional()
  @ListOfNested(VictimV1, 100)
  victims?: VictimV1[] | null;
}
