/** Spread into `@ApiProperty({ ...NULLABLE_INTEGER })`: null is a value here, and says something (open, unknown, none). */
export const NULLABLE_INTEGER = { type: 'integer', nullable: true } as const;
export const NULLABLE_NUMBER = { type: 'number', nullable: true } as const;
export const NULLABLE_STRING = { type: 'string', nullable: true } as const;
