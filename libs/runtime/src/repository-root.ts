import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder that holds package.json and infra/, from the sources and from dist/ alike. */
export function repositoryRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'infra', 'postgres', 'migrations'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no infra/postgres/migrations above ${import.meta.dirname}`);
    folder = parent;
  }
  return folder;
}
