import {
  checkMasterKey,
  DEFAULT_LOG_ID,
  eraseAgain,
  type ErasedAgain,
  HeldSecrets,
  type MasterKey,
  parseLeaf,
  streamEvents,
} from '#app/log';
import { createPool, withTransaction } from '#app/runtime';
import { type Environment, needDatabase } from '../environment.js';

/** What the log says was erased, and how much of it could be opened before this run. */
export interface ErasuresChecked extends ErasedAgain {
  /** PersonalDataErased events. */
  erasures: number;
}

const PAGE = 100;

/** Goes through every erasure of the log and does it again where keys are back; one transaction each, in the log's order. */
export async function eraseAllAgain(environment: Environment, masterKey: MasterKey): Promise<ErasuresChecked> {
  // It deletes keys, and seals again what was not erased with them: the rights of ingest.
  const pool = createPool(needDatabase(environment), {
    role: 'ledger_ingest',
    max: 2,
    applicationName: 'ledger-cli-keys',
  });
  const checked = { erasures: 0, events: 0, rejections: 0 };
  try {
    await checkMasterKey(pool, masterKey);
    const secrets = new HeldSecrets(masterKey);
    for await (const page of streamEvents(pool, { after: -1, type: 'PersonalDataErased', pageSize: PAGE })) {
      for (const { leaf } of page) {
        const event = parseLeaf(leaf);
        if (event.type !== 'PersonalDataErased') continue;
        const again = await withTransaction(pool, async (tx) => {
          // What is sealed again is wrapped by the key that wraps now, whoever changes it meanwhile.
          await secrets.hold(tx);
          return eraseAgain(tx, { logId: DEFAULT_LOG_ID, masterKey }, event.data);
        });
        checked.erasures += 1;
        checked.events += again.events;
        checked.rejections += again.rejections;
      }
    }
    return checked;
  } finally {
    await pool.end();
  }
}
