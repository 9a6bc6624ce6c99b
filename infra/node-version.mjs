// Imported before anything else and kept in old syntax, so that an old Node can still say what is wrong with it.
import { readFileSync } from 'fs';

var engines = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).engines.node;

function numbers(version) {
  return version
    .replace(/^[^\d]*/, '')
    .split('.')
    .map(Number);
}

function isAtLeast(version, floor) {
  for (var i = 0; i < 3; i++) {
    if (version[i] !== floor[i]) return version[i] > floor[i];
  }
  return true;
}

/** Understands what package.json says and no more: `^1.2.3` and `>=1.2.3`, joined by `||`. */
export function satisfies(version, range) {
  return range.split('||').some(function (part) {
    var floor = numbers(part.trim());
    var given = numbers(version);
    return isAtLeast(given, floor) && (part.trim().startsWith('>=') || given[0] === floor[0]);
  });
}

if (!satisfies(process.version, engines)) {
  process.stderr.write(
    'Node ' +
      process.version +
      ' cannot run Conflict Ledger, which needs ' +
      engines +
      '. Install Node 24 (https://nodejs.org) and start again.\n',
  );
  process.exit(1);
}
