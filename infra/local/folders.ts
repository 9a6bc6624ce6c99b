import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout, whether this runs from sources or from dist/. */
export function checkoutFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('no package.json above the running program: the checkout is incomplete');
    folder = parent;
  }
  return folder;
}

/** Everything a local run keeps: data, keys, logs, ports. Not in version control. */
export function localFolder(...below: string[]): string {
  return path.join(checkoutFolder(), '.local', ...below);
}
