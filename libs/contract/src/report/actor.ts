import { ACTOR_ROLES, ACTOR_TYPES, type ActorClaim, ATTRIBUTIONS } from '#app/domain';
import { ListOfNested, Nested, Optional, Required } from '../rules/nesting.js';
import { Line, OneOf } from '../rules/text.js';
import { PartyV1 } from './party.js';

/** An actor's identifier in another system, for instance `{scheme: "UCDP", id: "234"}`. */
export class ActorIdV1 {
  @Required()
  @Line(64)
  scheme!: string;

  @Required()
  @Line(64)
  id!: string;
}

/** A party to the incident, with who attributes what to it. */
export class ActorV1 implements ActorClaim {
  @Required()
  @Line(300)
  name!: string;

  @Optional()
  @OneOf(ACTOR_TYPES)
  type?: string | null;

  @Optional()
  @OneOf(ACTOR_ROLES)
  role?: string | null;

  @Optional()
  @OneOf(ATTRIBUTIONS)
  attribution?: string | null;

  @Optional()
  @ListOfNested(ActorIdV1, 10)
  ids?: ActorIdV1[] | null;

  @Optional()
  @Nested(PartyV1)
  by?: PartyV1 | null;
}
