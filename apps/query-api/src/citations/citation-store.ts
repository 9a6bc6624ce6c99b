import { DEFAULT_LOG_ID } from '#app/log';
import { parseNote } from '#app/transparency';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CRASH_AT, type QueryCrashAt } from '../crash-points.js';
import type { StoredCitation } from './citation.js';

const COLUMNS = 'citation_id AS id, commitment, result, checkpoint, cited_at AS "citedAt"';

const FIND = `SELECT ${COLUMNS} FROM citation.citation WHERE citation_id = $1`;

type Row = Omit<StoredCitation, 'citedAt'> & { citedAt: Date };

/** The citations, and the checkpoints that cover them. Adding a citation is all that query-api may write. */
@Injectable()
export class CitationStore {
  constructor(
    private readonly source: DataSource,
    @Inject(CRASH_AT) private readonly crashAt: QueryCrashAt,
  ) {}

  /** Null: none of this id. */
  async find(id: string): Promise<StoredCitation | null> {
    const [row] = await this.source.query<Row[]>(FIND, [id]);
    return row === undefined ? null : storedOf(row);
  }

  /** @returns the citation as it is stored, and whether it was this call that stored it */
  async add(citation: Omit<StoredCitation, 'citedAt'>): Promise<{ stored: StoredCitation; isNew: boolean }> {
    const { id, commitment, result, checkpoint } = citation;
    this.crashAt('before-keeping');
    // Two who cite the same at once: the second waits here for the first, and then finds its row.
    const kept = await this.source.transaction('READ COMMITTED', async (tx) => {
      await tx.query('SET TRANSACTION READ WRITE');
      const added = await tx.query<Row[]>(
        `INSERT INTO citation.citation (citation_id, commitment, result, checkpoint) VALUES ($1, $2, $3, $4)
         ON CONFLICT (citation_id) DO NOTHING RETURNING ${COLUMNS}`,
        [id, commitment, result, checkpoint],
      );
      const rows = added.length > 0 ? added : await tx.query<Row[]>(FIND, [id]);
      this.crashAt('before-commit');
      return { stored: storedOf(rows[0] as Row), isNew: added.length > 0 };
    });
    this.crashAt('after-commit');
    return kept;
  }

  /** The first published checkpoint whose tree holds a position, as a signed note; null: there is none yet. */
  async firstCovering(position: number): Promise<string | null> {
    const [row] = await this.source.query<{ note: string }[]>(
      `SELECT note FROM notary.checkpoint
        WHERE log_id = $1 AND size > $2 AND published_at IS NOT NULL ORDER BY size LIMIT 1`,
      [DEFAULT_LOG_ID, position],
    );
    return row?.note ?? null;
  }

  /** What was signed at a size: the text of the note, without signatures. Null: nothing. */
  async signedAt(size: number): Promise<string | null> {
    const [row] = await this.source.query<{ note: string }[]>(
      'SELECT note FROM notary.checkpoint WHERE log_id = $1 AND size = $2',
      [DEFAULT_LOG_ID, size],
    );
    return row === undefined ? null : parseNote(row.note).text;
  }
}

function storedOf(row: Row): StoredCitation {
  return { ...row, citedAt: row.citedAt.toISOString() };
}
