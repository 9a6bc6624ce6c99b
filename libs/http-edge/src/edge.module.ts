import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { EdgeState } from './edge-state.js';
import { HealthController } from './health.controller.js';
import { IndexController } from './index.controller.js';
import { MetricsController } from './metrics.controller.js';

@Module({})
export class EdgeModule {
  static around(app: Type<unknown> | DynamicModule, state: EdgeState): DynamicModule {
    return {
      module: EdgeModule,
      imports: [app],
      controllers: [IndexController, HealthController, MetricsController],
      providers: [{ provide: EdgeState, useValue: state }],
    };
  }
}
