import { CASTORE } from './castore.js';
import { EMMETT } from './emmett.js';
import { MESSAGE_DB } from './message-db.js';
import type { Peer } from './peer.js';

export const PEERS: readonly Peer[] = [EMMETT, CASTORE, MESSAGE_DB];
