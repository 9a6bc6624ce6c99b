import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import { fetchJars, findJava, kafkaProgram } from '../../infra/local/kafka-jars.js';
import { runFolder } from './run-folder.js';

/** Runs lines of a shell in which `kafka-acls.sh` is that of Kafka, in a folder of their own. @throws Error with what they said */
export type AclShell = (lines: string, files: Record<string, string>, env: Record<string, string>) => void;

/** @returns why not, where Maven cannot fetch the tools of Kafka */
export async function aclShell(): Promise<AclShell | string> {
  const { java, jars } = await kafkaProgram(findJava());
  const pom = path.join(repositoryRoot(), 'test', 'support', 'kafka-tools', 'pom.xml');
  const [version = ''] = /[\d.]+(?=<\/version>\s*<exclusions>)/.exec(readFileSync(pom, 'utf8')) ?? [];
  const tools = path.join(path.dirname(jars), `tools-${version}`);
  try {
    if (!existsSync(tools)) await fetchJars(pom, tools);
  } catch (error) {
    return (error as Error).message;
  }
  const folder = mkdtempSync(path.join(runFolder(), 'acls-'));
  const program = `exec '${java}' -XX:TieredStopAtLevel=1 -cp '${jars}/*:${tools}/*' org.apache.kafka.tools.AclCommand "$@"`;
  writeFileSync(path.join(folder, 'kafka-acls.sh'), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
  return (lines, files, env) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    const run = spawnSync('sh', ['-ec', lines], {
      cwd: folder,
      env: { ...process.env, ...env, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      encoding: 'utf8',
    });
    if (run.status !== 0) throw new Error(`${run.stdout}${run.stderr}`);
  };
}
