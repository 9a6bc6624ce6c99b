import { type DynamicModule, Module } from '@nestjs/common';
import { NotaryLoop } from './notary-loop.js';
import type { NotaryParts } from './notary.js';

/** Log in, tiles and checkpoints out. What the process touches is made in main.ts and handed in here. */
@Module({})
export class NotaryModule {
  static with(parts: Omit<NotaryParts, 'signal'>): DynamicModule {
    return { module: NotaryModule, providers: [{ provide: NotaryLoop, useValue: new NotaryLoop(parts) }] };
  }
}
