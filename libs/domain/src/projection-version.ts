/**
 * Version of the rules that turn events into figures: this library's fold and postings, and the rows made of them. It
 * goes up whenever the same events would come to other figures, and activating one is an event (architecture §4).
 */
export const PROJECTION_VERSION = 5;
