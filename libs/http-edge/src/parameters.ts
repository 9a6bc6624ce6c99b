import { Transform } from 'class-transformer';

/**
 * A parameter that takes several values: given again and again (`a=1&a=2`) or separated by commas (`a=1,2`).
 * `split: false` for values that may hold a comma themselves.
 */
export function ListParameter(options: { split?: boolean } = {}): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => {
    if (value === undefined) return undefined;
    const parts = [value].flat().map(String);
    return options.split === false ? parts : parts.flatMap((part) => part.split(',')).map((part) => part.trim());
  });
}

/** A whole number in decimal digits; anything else stays as it is, for `@IsInt()` to refuse. */
export function IntegerParameter(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value,
  );
}

/** `true` or `false`; anything else stays as it is, for `@IsBoolean()` to refuse. */
export function BooleanParameter(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => {
    if (value === 'true') return true;
    return value === 'false' ? false : value;
  });
}
