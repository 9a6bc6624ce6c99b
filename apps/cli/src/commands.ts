import type { Command } from 'commander';

type Register = (program: Command) => void;

/**
 * What each command needs is loaded when it is asked for: all of them take longer than most commands do. In the order in
 * which `ledger --help` shows them.
 */
const LOADERS: Readonly<Record<string, () => Promise<Register>>> = {
  publish: async () => (await import('./publish/publish.command.js')).registerPublish,
  import: async () => (await import('./import-ucdp/import-ucdp.command.js')).registerImport,
  gazetteer: async () => (await import('./gazetteer/gazetteer.command.js')).registerGazetteer,
  rejections: async () => (await import('./rejections/rejections.command.js')).registerRejections,
  decide: async () => (await import('./decide/decide.command.js')).registerDecide,
  snapshot: async () => (await import('./snapshot/snapshot.command.js')).registerSnapshot,
  disclose: async () => (await import('./disclose/disclose.command.js')).registerDisclose,
  keys: async () => (await import('./keys/keys.command.js')).registerKeys,
  rebuild: async () => (await import('./rebuild/rebuild.command.js')).registerRebuild,
  replay: async () => (await import('./replay/replay.command.js')).registerReplay,
  verify: async () => (await import('./verify/verify.command.js')).registerVerify,
  export: async () => (await import('./export/export.command.js')).registerExport,
  backup: async () => (await import('./backup/backup.command.js')).registerBackup,
  restore: async () => (await import('./restore/restore.command.js')).registerRestore,
  status: async () => (await import('./status/status.command.js')).registerStatus,
  witness: async () => (await import('./witness/witness.command.js')).registerWitness,
};

/** Registers the command that `words` ask for; every one, for help and for a name that is none, where it cannot be told. */
export async function registerCommands(program: Command, words: readonly string[]): Promise<void> {
  // The program's own options take no values, so the first word that is none of them is the command.
  const asked = words.find((word) => !word.startsWith('-')) ?? '';
  const names = Object.hasOwn(LOADERS, asked) ? [asked] : Object.keys(LOADERS);
  for (const name of names) (await LOADERS[name]?.())?.(program);
}
