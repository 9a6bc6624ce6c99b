import type { Command } from 'commander';
import { action, type Context } from '../command-context.js';
import { exportList, type ListOptions } from './export-list.js';
import { exportLog } from './export-log.js';

/** Lists of the query API that are read page by page. */
const LISTS = {
  incidents: 'incidents with their figures and places',
  casualties: 'figures',
  aggregates: 'official figures',
  trends: 'assertions without a number of their own',
  sites: 'stocks, such as mass graves',
  duplicates: 'pairs that may be one incident',
} as const;

export function registerExport(program: Command): void {
  const command = program.command('export').description('write the log, or a list as of one position, to a file');
  command
    .command('log')
    .description('the verbatim leaves, one a line')
    .option('--from <position>', 'the first; default: 0')
    .option('--to <position>', 'the last; default: the end of the log as of now')
    .option('--out <file>', 'with its manifest beside it; .gz is compressed; default: standard output')
    .action(action(exportLog));
  for (const [list, description] of Object.entries(LISTS)) {
    command
      .command(list)
      .description(description)
      .option('--query <text>', "parameters as of the query API, for instance 'region=IQ&from=2018-10-01'")
      .option('--format <csv|ndjson>', 'a row or a JSON object a line', 'ndjson')
      .option('--page <rows>', 'rows that are asked for at once', '10000')
      .option('--out <file>', 'with its manifest beside it; .gz is compressed; default: standard output')
      .action(action((context: Context, options: ListOptions) => exportList(context, list, options)));
  }
}
