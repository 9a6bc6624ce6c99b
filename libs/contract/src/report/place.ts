import { type AdminReference, GEO_PRECISIONS, type GeoPrecision, type Place } from '#app/domain';
import { has, pointComplete } from '../rules/across-members.js';
import { ListOfNested, Optional, Required } from '../rules/nesting.js';
import { Degrees, Integer } from '../rules/number.js';
import { AcrossMembers, isGiven, isJsonObject, type Rule } from '../rules/rule.js';
import { codeForm, Line, OneOf, Shaped } from '../rules/text.js';

const codeOrName: Rule = {
  schema: { anyOf: [has('code'), has('name')] },
  check: (value) =>
    isJsonObject(value) && (isGiven(value['code']) || isGiven(value['name']))
      ? []
      : [{ code: 'PLACE_MISSING', detail: 'give the code or the name of the area' }],
};

/** An administrative area: by a code of the authority that issued it, or by its name only. */
@AcrossMembers(codeOrName)
export class AdminReferenceV1 implements AdminReference {
  @Optional()
  @Shaped(64, codeForm)
  code?: string | null;

  @Required()
  @Line(64)
  authority!: string;

  @Optional()
  @Line(200)
  name?: string | null;

  @Optional()
  @Integer(0, 5)
  level?: number | null;
}

/** Contract §1: a name, a code or a point. A code is a country or an administrative area. */
const somewhere: Rule = {
  schema: {
    anyOf: [
      has('name'),
      has('country'),
      has('latitude'),
      { required: ['admin'], properties: { admin: { type: 'array', minItems: 1 } } },
    ],
  },
  check: (value) => {
    if (!isJsonObject(value)) return [];
    const { name, country, latitude, admin } = value;
    const located = [name, country, latitude].some(isGiven) || (Array.isArray(admin) && admin.length > 0);
    return located ? [] : [{ code: 'PLACE_MISSING', detail: 'give a name, a code or a point' }];
  },
};

/** What the publisher chose to make public; a finer place goes under `confidential.exactLocation`. */
@AcrossMembers(pointComplete)
@AcrossMembers(somewhere)
export class PlaceV1 implements Place {
  @Optional()
  @Line(500)
  name?: string | null;

  @Optional()
  @Shaped(16, codeForm)
  country?: string | null;

  @Optional()
  @ListOfNested(AdminReferenceV1, 20)
  admin?: AdminReferenceV1[] | null;

  @Optional()
  @Degrees(90)
  latitude?: number | null;

  @Optional()
  @Degrees(180)
  longitude?: number | null;

  @Optional()
  @OneOf(GEO_PRECISIONS)
  precision?: GeoPrecision | null;
}
