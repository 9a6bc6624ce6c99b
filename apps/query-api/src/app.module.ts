import { MasterKey } from '#app/log';
import { crashPoints } from '#app/runtime';
import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ActivityController } from './activity/activity.controller.js';
import { ListActivityHandler } from './activity/list-activity.handler.js';
import { AggregatesController } from './aggregates/aggregates.controller.js';
import { ListAggregatesHandler } from './aggregates/list-aggregates.handler.js';
import { CasualtiesController } from './casualties/casualties.controller.js';
import { GetCasualtiesHandler } from './casualties/get-casualties.handler.js';
import { CitationStore } from './citations/citation-store.js';
import { CitationsController } from './citations/citations.controller.js';
import { Citing } from './citations/citing.js';
import { ChangeFeed } from './changes/change-feed.js';
import { ChangesController } from './changes/changes.controller.js';
import { readOptions, ReadDatabase } from './database/read-database.js';
import { DiffController } from './diff/diff.controller.js';
import { DiffHandler } from './diff/diff.handler.js';
import { DuplicatesController } from './duplicates/duplicates.controller.js';
import { ListDuplicatesHandler } from './duplicates/list-duplicates.handler.js';
import { ExplainController } from './explain/explain.controller.js';
import { ExplainHandler } from './explain/explain.handler.js';
import { GetIncidentHandler } from './incidents/get-incident.handler.js';
import { IncidentController } from './incidents/incident.controller.js';
import { IncidentsController } from './incidents/incidents.controller.js';
import { ListIncidentsHandler } from './incidents/list-incidents.handler.js';
import { CRASH_AT } from './crash-points.js';
import type { QueryApiConfig } from './query-api.config.js';
import { ReconcileHandler } from './reconciliation/reconcile.handler.js';
import { ReconciliationController } from './reconciliation/reconciliation.controller.js';
import { FindRegionsHandler, GetRegionHandler } from './regions/find-regions.handler.js';
import { RegionsController } from './regions/regions.controller.js';
import { ListSitesHandler } from './sites/list-sites.handler.js';
import { SitesController } from './sites/sites.controller.js';
import { ListTrendsHandler } from './trends/list-trends.handler.js';
import { ListSnapshotsHandler } from './snapshots/list-snapshots.handler.js';
import { SnapshotsController } from './snapshots/snapshots.controller.js';
import { TrendsController } from './trends/trends.controller.js';

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
        ExplainController,
        DiffController,
        ChangesController,
        IncidentsController,
        IncidentController,
        AggregatesController,
        TrendsController,
        SitesController,
        SnapshotsController,
        CitationsController,
        ReconciliationController,
        DuplicatesController,
        RegionsController,
      ],
      providers: [
        ReadDatabase,
        { provide: MasterKey, useValue: masterKey },
        GetCasualtiesHandler,
        ListActivityHandler,
        ExplainHandler,
        DiffHandler,
        ChangeFeed,
        ListIncidentsHandler,
        GetIncidentHandler,
        ListAggregatesHandler,
        ListTrendsHandler,
        ListSitesHandler,
        ListSnapshotsHandler,
        { provide: CRASH_AT, useValue: crashPoints(config.LEDGER_CRASH_AT) },
        CitationStore,
        Citing,
        ReconcileHandler,
        ListDuplicatesHandler,
        FindRegionsHandler,
        GetRegionHandler,
      ],
    };
  }
}
