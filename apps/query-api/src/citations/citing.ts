import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '#app/http-edge';
import { readUnknownActors } from '#app/read-models';
import { Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { asOfDto, type Pinned, pin } from '../asking/pin.js';
import { ReadDatabase } from '../database/read-database.js';
import { type CitableQuery, parseCitable, pinnedQuery, WHOLE } from './citable-query.js';
import {
  citationId,
  type Cited,
  commitmentTo,
  coveringText,
  digestOf,
  readCitation,
  type StoredCitation,
} from './citation.js';
import { CitationStore } from './citation-store.js';
import { ownAnswer } from './own-answer.js';

/** Bytes of an answer. */
const RESULT_MAX = 1_048_576;
/** Milliseconds that a citation waits for its checkpoint: twice what the notary needs at most. */
const CHECKPOINT_WAIT = 4_000;
const POLL = 100;
/** Two switches of the figures' tables while one answer is made do not happen by themselves. */
const TRIES = 3;

export interface Citation {
  stored: StoredCitation;
  cited: Cited;
}

/** Keeps answers for ever, and gives them back. */
@Injectable()
export class Citing {
  private readonly log = new Logger('citations');

  constructor(
    private readonly database: ReadDatabase,
    private readonly store: CitationStore,
    private readonly adapter: HttpAdapterHost,
  ) {}

  /**
   * Answers a query, and stores the answer under the checkpoint that covers it.
   *
   * @throws Problem NOT_CITABLE, CITATION_TOO_LARGE, CHECKPOINT_PENDING, or what the route of the query refuses with
   */
  async cite(query: string, request: FastifyRequest): Promise<Citation & { isNew: boolean }> {
    const { cited, result } = await this.answer(parseCitable(query), request);
    const commitment = commitmentTo(cited);
    const id = citationId(commitment);
    if ((await this.store.find(id)) !== null) return { ...(await this.read(id)), isNew: false };
    const checkpoint = await this.checkpointOver(cited.asOf.position);
    const { stored, isNew } = await this.store.add({ id, commitment, result, checkpoint });
    return { stored, cited, isNew };
  }

  /** @throws Problem CITATION_NOT_FOUND; CITATION_DAMAGED where it is not any more what was cited */
  async read(id: string): Promise<Citation> {
    const stored = await this.store.find(id);
    if (stored === null) throw new Problem('CITATION_NOT_FOUND', `there is no citation ${id}`);
    const cited = readCitation(stored);
    if (typeof cited === 'string') throw this.damaged(id, cited);
    const covering = coveringText(stored.checkpoint, cited.asOf.position);
    if (covering === null || (await this.store.signedAt(covering.size)) !== covering.text) {
      throw this.damaged(id, 'its checkpoint was never signed');
    }
    return { stored, cited };
  }

  /** The answer of the route, and what it was read at. */
  private async answer(query: CitableQuery, request: FastifyRequest): Promise<{ cited: Cited; result: Buffer }> {
    let { asOf, boundary } = query;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const pinned = await this.pin(query, { asOf, boundary });
      asOf = String(pinned.asOf.position);
      ({ boundary } = pinned);
      const pinnedTo = pinnedQuery(query, { position: pinned.asOf.position, boundary });
      const { body, mediaType, hasNext } = await ownAnswer(this.server, pinnedTo, request);
      if (hasNext) throw new Problem('NOT_CITABLE', `the answer has several pages, and ${WHOLE}`);
      if (body.length > RESULT_MAX) {
        throw new Problem(
          'CITATION_TOO_LARGE',
          `the answer has ${body.length} bytes, and at most ${RESULT_MAX} are kept`,
        );
      }
      // Figures that moved to other tables meanwhile may be of another projection or policy than was pinned.
      const after = await this.pin(query, { asOf, boundary });
      if (after.asOf.generation !== pinned.asOf.generation) continue;
      const cited = { query: pinnedTo, asOf: asOfDto(pinned), mediaType, digest: digestOf(body) };
      return { cited, result: body };
    }
    throw new Problem('NOT_READY', 'the figures are being exchanged; try again', { headers: { 'retry-after': '5' } });
  }

  /**
   * The state that a query is about. What it says of actors must be in the figures already: a text that anybody can send
   * would stay for ever, and no erasure could reach it. Everything else in a query is checked against closed lists.
   */
  private pin(
    { parameters }: CitableQuery,
    asked: { asOf?: string | undefined; boundary?: string | undefined },
  ): Promise<Pinned> {
    return this.database.read(async (tx) => {
      const { asOf, boundary } = asked;
      const pinned = await pin(tx, {
        ...(asOf === undefined ? {} : { asOf }),
        ...(boundary === undefined ? {} : { boundary }),
      });
      const [unknown] = await readUnknownActors(tx, pinned.asOf, parameters.getAll('actor'));
      if (unknown === undefined) return pinned;
      throw new Problem('NOT_CITABLE', 'an actor is asked for whom no incident names; such a text is not kept');
    });
  }

  /** @throws Problem CHECKPOINT_PENDING */
  private async checkpointOver(position: number): Promise<string> {
    const end = Date.now() + CHECKPOINT_WAIT;
    for (;;) {
      const checkpoint = await this.store.firstCovering(position);
      if (checkpoint !== null) return checkpoint;
      if (Date.now() >= end) break;
      await pause(POLL);
    }
    throw new Problem(
      'CHECKPOINT_PENDING',
      `no signed checkpoint covers position ${position} yet, and nothing was kept; cite again, with asOf=${position} for the same answer`,
      { headers: { 'retry-after': '2' } },
    );
  }

  private damaged(id: string, what: string): Problem {
    this.log.error({ msg: 'a citation is damaged', citation: id, what });
    return new Problem('CITATION_DAMAGED', `citation ${id} is not what was cited: ${what}`);
  }

  private get server(): FastifyInstance {
    return this.adapter.httpAdapter.getInstance<FastifyInstance>();
  }
}
