import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { checkoutFolder, localFolder } from './folders.js';
import { StartProblem } from './start-problem.js';

const JAVA_NEEDED = 17;

/** What this machine has to run Kafka's jars with; `missing` is a sentence when something is not there. */
export interface JavaTools {
  java: string;
  javaVersion: string;
  missing?: string;
}

export interface KafkaProgram extends JavaTools {
  /** The folder of the jars. */
  jars: string;
  /** Classes as the JVM loaded them before: the second start takes a third less. */
  classArchive: string;
}

export function findJava(): JavaTools {
  const home = process.env['JAVA_HOME'];
  const java = home && existsSync(path.join(home, 'bin', 'java')) ? path.join(home, 'bin', 'java') : 'java';
  const asked = spawnSync(java, ['-version'], { encoding: 'utf8' });
  if (asked.status !== 0) return { java, javaVersion: '', missing: 'Java is not on the PATH (nor at JAVA_HOME)' };
  const javaVersion = /version "([^"]+)"/.exec(asked.stderr)?.[1] ?? '';
  const [first, second] = javaVersion.split(/[._-]/);
  const major = Number(first === '1' ? second : first); // Java 8 calls itself 1.8
  if (!(major >= JAVA_NEEDED)) {
    return {
      java,
      javaVersion,
      missing: `Java ${javaVersion || 'of unknown version'} is too old (${JAVA_NEEDED} or newer is needed)`,
    };
  }
  return { java, javaVersion };
}

export function areJarsThere(): boolean {
  return existsSync(jarsFolder());
}

export function hasMaven(): boolean {
  return spawnSync('mvn', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** The program to run, with its jars fetched by Maven if this is the first time. */
export async function kafkaProgram(tools: JavaTools, note: (text: string) => void = () => {}): Promise<KafkaProgram> {
  const jars = jarsFolder();
  if (!existsSync(jars)) {
    note('Maven fetches the jars of Apache Kafka (44 MB, once)');
    await fetchJars(pom(), jars);
  }
  // An archive fits one Java and one folder of jars; the JVM silently ignores one that does not fit.
  const fit = createHash('sha256').update(`${tools.javaVersion} ${jars}`).digest('hex').slice(0, 8);
  const classArchive = localFolder('kafka', `classes-${fit}.jsa`);
  return { ...tools, jars, classArchive };
}

/** The jars of another pom.xml are in another folder, so a changed version is fetched anew. */
function jarsFolder(): string {
  return localFolder('kafka', `jars-${pomDigest()}`);
}

function pom(): string {
  return path.join(checkoutFolder(), 'infra', 'kafka', 'pom.xml');
}

function pomDigest(): string {
  return createHash('sha256').update(readFileSync(pom())).digest('hex').slice(0, 8);
}

/** Whatever a pom.xml names, into a folder that is there whole or not at all. @throws StartProblem when Maven cannot fetch it */
export async function fetchJars(pomFile: string, jars: string): Promise<void> {
  const fresh = `${jars}.${process.pid}`;
  mkdirSync(path.dirname(jars), { recursive: true });
  const output = await run('mvn', [
    ...['--quiet', '--batch-mode', '--file', pomFile],
    ...['dependency:copy-dependencies', `-DoutputDirectory=${fresh}`],
  ]);
  if (output !== null) {
    rmSync(fresh, { recursive: true, force: true });
    throw new StartProblem(
      `Maven could not fetch Apache Kafka. Check the network (or ~/.m2/settings.xml for a mirror) and start again. It said:\n${output}`,
    );
  }
  try {
    renameSync(fresh, jars);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(jars)) throw error; // else another start fetched them in the meantime
  }
}

/** Null when the command did well, else the end of what it said. */
function run(command: string, args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    let said = '';
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 ? null : said || `exit code ${code}`));
  });
}
