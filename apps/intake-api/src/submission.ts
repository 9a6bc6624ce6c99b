import type { Problem as Finding } from '#app/contract';
import type { Caller } from '#app/http-edge';

/** A request to this API, apart from HTTP. */
export interface Submission {
  caller: Caller;
  contentType: string;
  body: Buffer;
  /** Header values by lower-case name, all of them. */
  headers: Readonly<Record<string, readonly string[] | undefined>>;
  /** Query parameters, for plain data only. */
  source?: string | undefined;
  type?: string | undefined;
}

/** One message of a submission. */
export interface Message {
  id: string;
  source: string;
  type: string;
  data: unknown;
  /** The structured CloudEvent as it goes to Kafka. */
  event: Record<string, unknown>;
}

/** A message, or what is wrong with it; pointers lead into the body. */
export type Entry = { at: string; message: Message } | { at: string; problems: Finding[] };
