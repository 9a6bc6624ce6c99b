import type { MigrationFile } from '#app/runtime';

/** A thing that the version before this migration, which is still at work, would trip over or wait behind. */
interface Rule {
  pattern: RegExp;
  breach: string;
}

/** Never, whatever the first line says: everybody would wait, or a kill would leave half of it. */
const NEVER: readonly Rule[] = [
  {
    pattern: /\b(?:BEGIN|START TRANSACTION|COMMIT|ROLLBACK)\s*;/i,
    breach: 'ends its own transaction: the migrator has one for each file',
  },
  {
    pattern: /\bVACUUM\s+FULL\b|\bCLUSTER\b|\bREINDEX\b(?!.*CONCURRENTLY)/i,
    breach: 'rewrites under a lock that everybody waits for',
  },
  { pattern: /\bLOCK\s+TABLE\b/i, breach: 'locks a table' },
  { pattern: /(?<!\bBEFORE )\bTRUNCATE\s/i, breach: 'throws rows away' },
];

/** Not in one that says it is not breaking: that is the contract step, for when nobody of the old version is left. */
const EXPAND_ONLY: readonly Rule[] = [
  { pattern: /\bDROP\s+(?:TABLE|COLUMN|VIEW|SCHEMA|TYPE|ROLE)\b/i, breach: 'drops what the version before may use' },
  { pattern: /\bRENAME\b/i, breach: 'renames what the version before may use' },
  {
    pattern: /\bALTER\s+(?:COLUMN\s+)?"?\w+"?\s+(?:SET\s+DATA\s+)?TYPE\b/i,
    breach: 'changes the type of a column: add another one',
  },
  {
    pattern: /\bSET\s+NOT\s+NULL\b/i,
    breach: 'lets the version before write no null: validate a CHECK first, then contract',
  },
  { pattern: /\bREVOKE\b(?!.*\bFROM\s+PUBLIC\b)/i, breach: 'takes a right away that the version before may need' },
];

/** On a table that is in use already. */
const ON_OLD_TABLES: readonly Rule[] = [
  {
    pattern:
      /\bADD\s+COLUMN\s+(?:IF\s+NOT\s+EXISTS\s+)?[^,;]*\bNOT\s+NULL\b(?![^,;]*\bDEFAULT\b)(?<!\bDEFAULT\b[^,;]*)/i,
    breach: 'adds a column that must not be null and has no default: the version before does not fill it',
  },
  {
    pattern: /\bADD\s+COLUMN\s+[^,;]*\bDEFAULT\s+(?:ledger\.clock|clock_timestamp|random|gen_random_uuid|nextval)\b/i,
    breach: 'fills a column with a value of each row its own: every row is written anew under a lock',
  },
  {
    pattern: /\bADD\s+(?:CONSTRAINT\s+\S+\s+)?(?:CHECK|FOREIGN\s+KEY)\b(?![^;]*\bNOT\s+VALID\b)/i,
    breach: 'checks all rows under a lock: add it NOT VALID, and VALIDATE it in the next migration',
  },
  {
    pattern: /\bADD\s+(?:CONSTRAINT\s+\S+\s+)?(?:UNIQUE|PRIMARY\s+KEY)\b(?!\s+USING\s+INDEX)/i,
    breach: 'builds an index under a lock: build it CONCURRENTLY, then USING INDEX',
  },
];

const INDEX = /\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY\b)[^;]*?\bON\s+(?:ONLY\s+)?([\w."]+)/i;

/** What a migration does against the rule of ADR 0025, one sentence each, as far as its text can show. */
export function breachesOf({ sql, isBreaking, inTransaction }: MigrationFile): string[] {
  const statements = statementsOf(sql);
  const made = new Set(
    statements.flatMap((one) => /\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w."]+)/i.exec(one)?.[1] ?? []),
  );
  const breaches = statements.flatMap((statement) => {
    const altered = /\bALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?([\w."]+)/i.exec(statement)?.[1];
    const indexed = INDEX.exec(statement)?.[1];
    return [
      ...NEVER,
      ...(isBreaking ? [] : EXPAND_ONLY),
      ...(altered === undefined || made.has(altered) ? [] : ON_OLD_TABLES),
    ]
      .filter(({ pattern }) => pattern.test(statement))
      .map(({ breach }) => breach)
      .concat(
        indexed === undefined || made.has(indexed)
          ? []
          : [
              `builds an index on ${indexed} under a lock: CREATE INDEX CONCURRENTLY, in a file with "-- transaction: none"`,
            ],
      );
  });
  return [...breaches, ...outOfTransaction(sql, statements, inTransaction)];
}

/** What is not in a transaction can be left half done, and must be right when it runs again. */
function outOfTransaction(sql: string, statements: readonly string[], inTransaction: boolean): string[] {
  const concurrent = statements.filter((one) => /\bCONCURRENTLY\b/i.test(one));
  if (inTransaction) return concurrent.length === 0 ? [] : ['CONCURRENTLY needs a second line "-- transaction: none"'];
  const breaches =
    concurrent.length === statements.length ? [] : ['without a transaction only CONCURRENTLY may be done'];
  if (sql.includes('$$')) breaches.push('a file without a transaction is cut at its semicolons: no function bodies');
  const rebuilt = statements.flatMap(
    (one) => /\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(\S+)/i.exec(one)?.[1] ?? [],
  );
  for (const name of rebuilt) {
    const drop = new RegExp(`DROP\\s+INDEX\\s+CONCURRENTLY\\s+IF\\s+EXISTS\\s+\\S*${name}\\b`, 'i');
    if (!drop.test(sql)) breaches.push(`a kill leaves ${name} invalid: DROP INDEX CONCURRENTLY IF EXISTS before it`);
  }
  return breaches;
}

/** Without comments and the bodies of functions: what a function does is done when it is called. DO blocks stay. */
function statementsOf(sql: string): string[] {
  return sql
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/(CREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\b[^;]*?\bAS\s+)(\$\w*\$)[\s\S]*?\2/gi, '$1 …')
    .split(';')
    .map((one) => `${one.replaceAll(/\s+/g, ' ').trim()};`)
    .filter((one) => one !== ';');
}
