/** One report as every store takes it: an event of its incident's stream. */
export interface PeerEvent {
  stream: string;
  /** In its stream, from 0. */
  version: number;
  /** Its `reportId` tells afterwards what was lost, and what came twice. */
  data: Record<string, unknown>;
}

/** How a store is written to. */
export interface Setting {
  /** Appends on their way at once. */
  concurrency: number;
  /** Events of one append: of one stream, or of any, as the store's interface has it. */
  batch: number;
}

export interface PeerWriter {
  append(events: readonly PeerEvent[]): Promise<void>;
  close(): Promise<void>;
}

export interface Stored {
  events: number;
  /** Different ids among them. */
  ids: number;
}

/** Another event store on the same PostgreSQL, as its documentation has it used. */
export interface Peer {
  name: string;
  /** What npm installed. */
  version: string;
  /** Whether one append takes events of several streams; else those of one only. */
  spansStreams: boolean;
  /** Tried in turn; the fastest counts. */
  settings: readonly Setting[];
  /** Makes its tables. */
  prepare(url: string): Promise<void>;
  writer(url: string, setting: Setting): Promise<PeerWriter>;
  /**
   * Follows the whole store while it is written to, by its own means.
   *
   * @param seen with the `reportId` of each event that comes
   * @returns to stop it; null where the store has nothing that follows all streams
   */
  follow(url: string, seen: (id: string) => void): Promise<(() => Promise<void>) | null>;
  stored(url: string): Promise<Stored>;
}
