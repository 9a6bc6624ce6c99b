import type { ClientBase } from 'pg';
import { matchDuplicates, type Sighting, type Verification } from '#app/domain';
import type { BatchRows, CandidateChange } from './batch-rows.js';
import { type CandidateBody, type CandidateMatch, CandidatePairs, pairOf } from './candidate-pairs.js';
import { findNeighbours, type Neighbour, type Seeker, sightingOf } from './neighbours.js';
import type { Tables } from './tables.js';
import { areasOf } from './version-columns.js';

/** So many incidents look around at once: bounds what is in memory, and has no influence on what is found. */
const SEEKERS = 500;

/**
 * Keeps the table of candidate duplicates up with a batch, in the batch's transaction, after all its other rows.
 *
 * A pair stands or falls when one of its two changes, or when a steward rejects it; each change is judged by what stood at
 * its own position, so that it does not matter which events a batch holds: live, rebuild and replay find the same pairs
 * at the same positions.
 */
export async function refreshCandidates(
  tx: ClientBase,
  tables: Tables,
  { candidates: changes, balances }: Pick<BatchRows, 'candidates' | 'balances'>,
): Promise<void> {
  const telling = changes.filter(mayMatter);
  // Pairs are of two publishers, and a large import often has one: then there is nothing to look for.
  if (telling.length === 0 || !(await hasTwoPublishers(tx, tables))) return;
  const pairs = await CandidatePairs.load(tx, tables, telling);
  for (let first = 0; first < telling.length; first += SEEKERS) {
    const some = telling.slice(first, first + SEEKERS);
    const neighbours = await findNeighbours(tx, tables, some.flatMap(seekerOf));
    const matches = some.map((change, index) => matchesOf(change, neighbours.get(index) ?? []));
    await pairs.loadRejections(tx, tables, matches);
    for (const [index, change] of some.entries()) {
      if (change.kind === 'REJECTED') pairs.reject(change.a, change.b, change.position);
      else pairs.replace(change.incidentId, matches[index] ?? [], change.position);
    }
  }
  await pairs.write(tx, tables, balances !== null);
}

type Figures = Extract<CandidateChange, { kind: 'FIGURES' }>;

/** Retracted figures count nowhere, so they are no duplicate of anything. */
const counting = (figures: Figures['after']): Figures['after'] =>
  figures === null || figures.verification === 'RETRACTED' ? null : figures;

/** Most changes are of numbers, which say nothing about who is who. Whether a side counts is written with its pairs. */
function mayMatter(change: CandidateChange): boolean {
  if (change.kind === 'REJECTED') return true;
  const [before, after] = [counting(change.before), counting(change.after)];
  if (before === null || after === null) return before !== after;
  if (isDiscounted(before) !== isDiscounted(after)) return true;
  return JSON.stringify(sightingOf(before)) !== JSON.stringify(sightingOf(after));
}

function seekerOf(change: CandidateChange, index: number): Seeker[] {
  if (change.kind === 'REJECTED') return [];
  const after = counting(change.after);
  if (after === null || after.timePrecision !== 'DAY') return [];
  return [{ index, incidentId: change.incidentId, position: change.position, sighting: sightingOf(after) }];
}

function matchesOf(change: CandidateChange, neighbours: readonly Neighbour[]): CandidateMatch[] {
  const after = change.kind === 'FIGURES' ? counting(change.after) : null;
  if (change.kind === 'REJECTED' || after === null) return [];
  const { incidentId } = change;
  const sighting = sightingOf(after);
  const own = sideOf({ sighting, verification: after.verification });
  return neighbours.flatMap((neighbour): CandidateMatch[] => {
    const match = matchDuplicates(sighting, neighbour.sighting);
    if (match === null) return [];
    const { rule, score, km, days, type, actors } = match;
    const body: CandidateBody = { rule, km, days, type, actors };
    const other = sideOf(neighbour);
    const pair = pairOf(incidentId, neighbour.incidentId);
    const [x, y] = pair.a === incidentId ? [own, other] : [other, own];
    return [
      {
        ...pair,
        score,
        a_start_date: x.start,
        b_start_date: y.start,
        a_publisher: x.publisher,
        b_publisher: y.publisher,
        a_incident_type: x.incidentType,
        b_incident_type: y.incidentType,
        a_areas: x.areas,
        b_areas: y.areas,
        body: JSON.stringify(body),
      },
    ];
  });
}

interface Side extends Pick<Sighting, 'publisher' | 'start' | 'incidentType'> {
  areas: string[];
}

/** What a pair carries of one of its two. One that counts nowhere is in no area, so that no figure finds the pair by it. */
function sideOf({ sighting, verification }: { sighting: Sighting; verification: Verification }): Side {
  const { publisher, start, incidentType, placements } = sighting;
  const sets = Object.keys(placements).map((boundary) => `${boundary}:`);
  return {
    publisher,
    start,
    incidentType,
    areas: isDiscounted({ verification }) ? [] : [...sets, ...areasOf(placements)],
  };
}

function isDiscounted({ verification }: { verification: Verification }): boolean {
  return verification === 'DISCOUNTED';
}

async function hasTwoPublishers(tx: ClientBase, tables: Tables): Promise<boolean> {
  const { rows } = await tx.query(`SELECT 1 FROM ${tables.publisher} LIMIT 2`);
  return rows.length === 2;
}
