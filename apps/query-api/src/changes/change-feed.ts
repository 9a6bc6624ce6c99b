import { EventFeed } from '#app/http-edge';
import { resolveAsOf } from '#app/read-models';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ReadDatabase } from '../database/read-database.js';

/** The readers of the changes. What is told reaches as far as the figures do, not as the log. */
@Injectable()
export class ChangeFeed extends EventFeed implements OnModuleDestroy {
  constructor(database: ReadDatabase) {
    super(async () => {
      const head = await database.read((tx) => resolveAsOf(tx, { kind: 'head' }));
      return head.kind === 'found' ? head.asOf.position : null;
    });
  }

  onModuleDestroy(): Promise<void> {
    return this.close();
  }
}
