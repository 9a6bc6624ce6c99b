import { MasterKey } from '#app/log';
import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ActivityController } from './activity/activity.controller.js';
import { ListActivityHandler } from './activity/list-activity.handler.js';
import { CasualtiesController } from './casualties/casualties.controller.js';
import { GetCasualtiesHandler } from './casualties/get-casualties.handler.js';
import { readOptions, ReadDatabase } from './database/read-database.js';
import { GetIncidentHandler } from './incidents/get-incident.handler.js';
import { IncidentController } from './incidents/incident.controller.js';
import { IncidentsController } from './incidents/incidents.controller.js';
import { ListIncidentsHandler } from './incidents/list-incidents.handler.js';
import type { QueryApiConfig } from './query-api.config.js';
import { FindRegionsHandler, GetRegionHandler } from './regions/find-regions.handler.js';
import { RegionsController } from './regions/regions.controller.js';

@Module({})
export class AppModule {
  static with(config: QueryApiConfig, masterKey: MasterKey): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CqrsModule.forRoot(),
        TypeOrmModule.forRoot({ ...readOptions(config), retryAttempts: 30, retryDelay: 1_000 }),
      ],
      controllers: [
        CasualtiesController,
        ActivityController,
        IncidentsController,
        IncidentController,
        RegionsController,
      ],
      providers: [
        ReadDatabase,
        { provide: MasterKey, useValue: masterKey },
        GetCasualtiesHandler,
        ListActivityHandler,
        ListIncidentsHandler,
        GetIncidentHandler,
        FindRegionsHandler,
        GetRegionHandler,
      ],
    };
  }
}
