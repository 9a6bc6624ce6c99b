import type { RejectionCode } from '../rejection-codes.js';
import { decorator, type Finding, type Rule, WRONG_TYPE } from './rule.js';

/** No control characters (they would break line-based exports and joined SQL parameters) and not only blanks. */
export const LINE_PATTERN =
  '^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\u0000-\\u0020\\u007f-\\u00a0][^\\u0000-\\u001f\\u007f-\\u009f]*$';

/** Length in Unicode code points, as JSON Schema counts it. */
export function lengthOf(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length - 1; i += 1) {
    const unit = text.charCodeAt(i);
    const next = text.charCodeAt(i + 1);
    if (unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) length -= 1;
  }
  return length;
}

interface Form {
  pattern: string;
  code?: RejectionCode;
  detail: string;
}

interface TextLimits {
  min: number;
  max: number;
  form?: Form;
}

function checkText(value: unknown, { min, max }: TextLimits, form: RegExp | null, shape?: Form): Finding[] {
  if (typeof value !== 'string') return [WRONG_TYPE('a string')];
  const length = lengthOf(value);
  if (length < min) return [{ code: 'EMPTY_STRING', detail: `must have at least ${min} character(s)` }];
  if (length > max) return [{ code: 'TOO_LONG', detail: `must have at most ${max} characters` }];
  if (form === null || shape === undefined || form.test(value)) return [];
  return [{ code: shape.code ?? 'INVALID_FORMAT', detail: shape.detail }];
}

function textRule(limits: TextLimits): Rule {
  const form = limits.form === undefined ? null : new RegExp(limits.form.pattern, 'u');
  return {
    schema: {
      type: 'string',
      ...(limits.min > 0 ? { minLength: limits.min } : {}),
      maxLength: limits.max,
      ...(limits.form === undefined ? {} : { pattern: limits.form.pattern }),
    },
    check: (value) => checkText(value, limits, form, limits.form),
  };
}

/** One line of text, 1 to `max` characters, without control characters and not blank. */
export const lineRule = (max: number): Rule =>
  textRule({ min: 1, max, form: { pattern: LINE_PATTERN, detail: 'must not be blank or hold control characters' } });
export const Line = (max: number): PropertyDecorator => decorator(lineRule(max));

/** Free text of several lines, `min` to `max` characters. */
export const Text = (max: number, min = 0): PropertyDecorator => decorator(textRule({ min, max }));

/** A string of one form. */
const formRule = (max: number, form: Form): Rule => textRule({ min: 1, max, form });
export const Shaped = (max: number, form: Form): PropertyDecorator => decorator(formRule(max, form));

export const uuidRule = formRule(36, {
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  code: 'INVALID_UUID',
  detail: 'must be a UUID in lower case',
});
export const Uuid = (): PropertyDecorator => decorator(uuidRule);

/** http and https only: the address is shown to readers, who must not be handed a script. */
export const WebAddress = (): PropertyDecorator =>
  Shaped(2048, {
    pattern: '^[hH][tT][tT][pP][sS]?://[^\\u0000-\\u0020\\u007f-\\u00a0]+$',
    detail: 'must be an http or https address',
  });

/** ISO 3166 alpha-2 or alpha-3, GW number, P-code and the like. */
export const codeForm: Form = {
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]*$',
  detail: 'must be a code of letters, digits and . _ : -',
};

export const Language = (): PropertyDecorator =>
  Shaped(35, { pattern: '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$', detail: 'must be a BCP 47 language tag' });

export const TimeZone = (): PropertyDecorator =>
  Shaped(64, { pattern: '^[A-Za-z][A-Za-z0-9_+/-]*$', detail: 'must be an IANA time zone name' });

/** An RFC 6901 JSON Pointer; "" is the whole document. */
export const pointerRule: Rule = textRule({
  min: 0,
  max: 300,
  form: {
    pattern: '^(/([^~/\\u0000-\\u001f\\u007f-\\u009f]|~[01])*)*$',
    detail: 'must be a JSON Pointer',
  },
});

export function enumRule(values: readonly string[]): Rule {
  const allowed: ReadonlySet<unknown> = new Set(values);
  return {
    schema: { type: 'string', enum: [...values] },
    check: (value) => {
      if (typeof value !== 'string') return [WRONG_TYPE('a string')];
      return allowed.has(value) ? [] : [{ code: 'UNKNOWN_VALUE', detail: 'must be one of the closed list' }];
    },
  };
}
/** One of a closed list. */
export const OneOf = (values: readonly string[]): PropertyDecorator => decorator(enumRule(values));
