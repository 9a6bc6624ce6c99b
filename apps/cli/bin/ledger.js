#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const built = fileURLToPath(new URL('../../../dist/apps/cli/src/main.js', import.meta.url));

if (existsSync(built)) {
  await import(pathToFileURL(built).href);
} else {
  process.stderr.write('ledger: not built yet; run: npm run build\n');
  process.exitCode = 2;
}
