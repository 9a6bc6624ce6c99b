import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes sure that `name` is among buildah's images: it is, or it can be pulled, or a Debian of the same release is made under
 * its name, with Node and npm out of their npm packages and the account `node`.
 *
 * @returns what was done
 */
export function haveBase(buildah, name, folder) {
  if (succeeds(() => buildah('inspect', '--type', 'image', name))) return 'it was there';
  if (succeeds(() => buildah('pull', '--retry', '0', name))) return 'pulled';
  makeFiles(folder);
  const container = buildah('from', 'scratch');
  run('cp', ['--archive', `${folder}/.`, buildah('mount', container)]);
  buildah('config', '--cmd', 'node', container);
  buildah('commit', '--quiet', '--rm', container, name);
  return 'a stand-in was made of Debian packages and the npm packages of Node and npm';
}

function makeFiles(folder) {
  run('debootstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', folder]);
  const local = path.join(folder, 'usr', 'local');
  const npm = path.join(local, 'lib', 'node_modules', 'npm');
  const node = unpacked(folder, `node-linux-${process.arch}@24`);
  copyFileSync(path.join(node, 'bin', 'node'), path.join(local, 'bin', 'node'));
  cpSync(unpacked(folder, 'npm@11'), npm, { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', path.join(local, 'bin', 'npm'));
  // Behind a proxy that signs for others, npm in the build has to know the authority that this machine knows.
  const authorities = process.env['NODE_EXTRA_CA_CERTS'];
  if (authorities && existsSync(authorities)) {
    copyFileSync(authorities, path.join(folder, 'etc/ssl/certs/ca-certificates.crt'));
    writeFileSync(path.join(npm, 'npmrc'), 'cafile=/etc/ssl/certs/ca-certificates.crt\n');
  }
  run('chroot', [folder, 'useradd', '--uid', '1000', '--create-home', '--shell', '/bin/bash', 'node']);
}

/** The newest of `wanted` that npm gives, unpacked beside the folder. */
function unpacked(folder, wanted) {
  const into = `${folder}-${wanted.replace(/@.*/, '')}`;
  mkdirSync(into);
  const packed = run('npm', ['pack', '--silent', '--pack-destination', into, wanted]).trim().split('\n').at(-1);
  run('tar', ['--extract', '--file', path.join(into, packed), '--directory', into]);
  return path.join(into, 'package');
}

function succeeds(work) {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}:\n${error?.message ?? stderr.slice(-4_000)}`);
  return stdout;
}
