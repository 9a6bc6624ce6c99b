import { READ_MODEL_TABLES, type ReadModelTable } from '../rows.js';

/** Qualified names of one set of tables: those of a generation, or those of an auditor's replay. */
export type Tables = Readonly<Record<ReadModelTable | 'code' | 'pair', string>>;

const IDENTIFIER = /^[a-z0-9_]{1,40}$/;

/** `schema.report_<suffix>` and so on. The names go into SQL text, so only plain identifiers are let through. */
export function tablesOf(schema: string, suffix: string): Tables {
  if (!IDENTIFIER.test(schema) || !IDENTIFIER.test(suffix)) throw new Error(`not a table name: ${schema}.…_${suffix}`);
  const names = [...READ_MODEL_TABLES, 'code', 'pair'].map((table) => [table, `${schema}.${table}_${suffix}`]);
  return Object.fromEntries(names) as Tables;
}

export function tablesOfGeneration(generation: number): Tables {
  return tablesOf('read_model', String(generation));
}
