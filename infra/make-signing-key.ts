import { createKeyFile, formatVerifierKey, readKeyFile } from '#app/transparency';

const { LEDGER_LOG_ORIGIN: name, LEDGER_SIGNING_KEY_FILE: file } = process.env;

/** Makes the key that signs the log unless it is there, and prints the public one. */
if (!name || !file) {
  process.stderr.write('LEDGER_LOG_ORIGIN and LEDGER_SIGNING_KEY_FILE are needed.\n');
  process.exitCode = 78;
} else {
  createKeyFile(file, { name, kind: 'LOG' });
  for (const { verifier } of readKeyFile(file, { name, kind: 'LOG' })) {
    process.stdout.write(`${formatVerifierKey(verifier)}\n`);
  }
}
