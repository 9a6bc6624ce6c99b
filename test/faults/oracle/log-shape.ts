import type { Recorded } from './recorded.js';

/** Positions dense, time never back, leaves where they stand, versions of every stream dense and as the leaves say. */
export function checkShape({ positions, leaves, streams, nextPosition }: Recorded): string[] {
  const problems: string[] = [];
  const broken = positions.findIndex((position, index) => position !== index);
  if (broken >= 0) problems.push(`position ${positions[broken]} stands where ${broken} should`);
  if (nextPosition !== positions.length)
    problems.push(`the head says ${nextPosition}, the log has ${positions.length}`);
  const displaced = leaves.find(({ position }, index) => position !== index);
  if (displaced !== undefined) problems.push(`a leaf says that it is at ${displaced.position}`);
  leaves.forEach(({ recordedAt }, index) => {
    if (recordedAt < (leaves[index - 1]?.recordedAt ?? '')) problems.push(`time goes back at position ${index}`);
  });
  const ids = new Set(leaves.map(({ id }) => id));
  if (ids.size !== leaves.length) problems.push(`${leaves.length - ids.size} events have the id of another one`);
  return [...problems, ...checkStreams(leaves, streams)];
}

function checkStreams(leaves: Recorded['leaves'], streams: Recorded['streams']): string[] {
  const problems: string[] = [];
  const last = new Map<string, number>();
  const byLeaf = new Set(
    leaves.flatMap(({ position, stream, streamVersion, also = [] }) =>
      [{ stream, streamVersion }, ...also].map((one) => `${one.stream} ${one.streamVersion} ${position}`),
    ),
  );
  for (const { stream, version, position } of streams) {
    const expected = (last.get(stream) ?? 0) + 1;
    if (version !== expected) problems.push(`stream ${stream} has version ${version} where ${expected} should be`);
    last.set(stream, version);
    if (!byLeaf.delete(`${stream} ${version} ${position}`)) {
      problems.push(`no leaf at ${position} says version ${version} of stream ${stream}`);
    }
  }
  for (const left of byLeaf) problems.push(`only the leaf knows of ${left}`);
  return problems;
}
