/** How an answer shows the confidential tier, in its description. */
export const CONFIDENTIAL = {
  type: 'object',
  nullable: true,
  additionalProperties: true,
  description:
    'JSON Pointer → value of what is confidential, opened for this answer; null for callers to whom it is not shown (AUTH_CONFIDENTIAL_ROLES)',
} as const;
