import type { CsvColumn } from '#app/http-edge';

export interface EventCells {
  leaf: string;
  event: {
    position: number;
    recordedAt: string;
    id: string;
    type: string;
    stream: string;
    streamVersion: number;
    actor: string;
    source: { ceSource: string; ceId: string; topic: string; partition: number; offset: number } | null;
  };
}

export const EVENT_COLUMNS: CsvColumn<EventCells>[] = [
  { name: 'position', hxl: '#meta+position', value: ({ event }) => event.position },
  { name: 'recorded_at', hxl: '#date+recorded', value: ({ event }) => event.recordedAt },
  { name: 'id', hxl: '#meta+id', value: ({ event }) => event.id },
  { name: 'type', hxl: '#event+type', value: ({ event }) => event.type },
  { name: 'stream', hxl: '#event+id', value: ({ event }) => event.stream },
  { name: 'stream_version', hxl: '#meta+version', value: ({ event }) => event.streamVersion },
  { name: 'actor', hxl: '#org+actor', value: ({ event }) => event.actor },
  { name: 'ce_source', hxl: '#meta+source', value: ({ event }) => event.source?.ceSource },
  { name: 'ce_id', hxl: '#meta+source+id', value: ({ event }) => event.source?.ceId },
  { name: 'topic', hxl: '#meta+topic', value: ({ event }) => event.source?.topic },
  { name: 'partition', hxl: '#meta+partition', value: ({ event }) => event.source?.partition },
  { name: 'offset', hxl: '#meta+offset', value: ({ event }) => event.source?.offset },
  { name: 'leaf', hxl: '#meta+leaf', value: ({ leaf }) => leaf },
];
