/** Longest accepted CloudEvents attributes, in characters. The specification sets none; an index has some. */
export const ATTRIBUTE_LIMITS = { id: 256, source: 512, type: 200, subject: 512, extension: 1024 } as const;
