import type { LedgerManifest, VaultManifest } from '../backup/manifest.js';
import type { ErasuresChecked } from '../keys/erase-again.js';
import { count } from '../terminal/output.js';
import type { PublishedFolder } from './restore-tiles.js';

export interface RestoredState {
  manifest: LedgerManifest;
  vault: VaultManifest | null;
  erased: ErasuresChecked | null;
  published: PublishedFolder | null;
  logins: LedgerManifest['logins'];
  /** More was published than the database holds. */
  isBehind: boolean;
  /** Null: there was nothing to verify against. */
  isOk: boolean | null;
}

/** What was restored, and what a person has to do or decide now, one sentence a line. */
export function nextSteps(state: RestoredState): string[] {
  const { manifest, logins, isOk, isBehind } = state;
  return [
    `Restored up to position ${manifest.position}, as of ${manifest.takenAt}.`,
    ...aboutTheVault(state),
    ...(isBehind || isOk !== false
      ? []
      : ['The database IS NOT what was published: start nothing, and restore another backup.']),
    ...aboutThePublished(state),
    ...logins.map(
      ({ login, roles }) =>
        `Make the login again: CREATE ROLE ${login} LOGIN PASSWORD '…' IN ROLE ${roles.join(', ')};`,
    ),
    ...(isOk === false
      ? []
      : [
          'Figures are not in a backup: run ledger rebuild, which makes them from the log.',
          'Then start notary, ingest, projector, relay, query-api, audit-api, intake-api; ledger status tells how they are.',
        ]),
  ];
}

function aboutTheVault({ manifest, vault, erased }: RestoredState): string[] {
  if (vault === null) {
    return [
      'Without its vault nothing that was committed can be read, and ingest refuses to record: restore again with --vault to go on with this log.',
    ];
  }
  const lines =
    erased === null
      ? []
      : [
          `${count(erased.erasures)} erasures of the log were done again; ${count(erased.events)} events could be opened all the same.`,
        ];
  if (vault.position >= manifest.position) return lines;
  return [
    ...lines,
    `The vault is older than the log: what was committed after position ${vault.position} cannot be read.`,
  ];
}

function aboutThePublished({ manifest, published, isBehind }: RestoredState): string[] {
  const { position, publishedMeanwhile } = manifest;
  if (isBehind && published !== null) {
    return [
      `${count(published.size)} leaves are published in ${published.folder}, and the database ends after ${count(position + 1)}: the notary refuses LOG_BEHIND_CHECKPOINT.`,
      'Start no ingest: it would record other events at positions that were published. Restore the base backup with its archived WAL up to the end (docs/operators.md).',
    ];
  }
  if (published?.isRestored !== true) return [];
  return [
    `What was published after position ${published.size - 1} is not in ${published.folder}${publishedMeanwhile !== null && publishedMeanwhile > position + 1 ? `, and ${count(publishedMeanwhile)} leaves were when the backup was finished` : ''}. Where anybody has seen more than ${count(position + 1)} leaves of this log, going on from here forks it: witnesses refuse it then. Restore the archived WAL instead if there is any.`,
  ];
}
