/** What a witness answered. */
export interface Answer {
  status: number;
  /** Lower case, without parameters; empty when it gave none. */
  type: string;
  body: string;
}

/** Many times what a cosignature needs, the post-quantum ones of other keys included. */
const MAX_BYTES = 64 * 1024;

/**
 * Sends a checkpoint to a witness (C2SP tlog-witness). Connections stay open between the calls: fetch keeps them.
 *
 * @param prefix the submission prefix of the witness
 * @throws Error with a sentence when nothing answers, the answer is too long, or the signal ends it
 */
export async function callAddCheckpoint(prefix: string, body: string, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(`${prefix}/add-checkpoint`, {
    method: 'POST',
    body,
    signal,
    // The policy says whom we ask: where somebody sends us instead is not in it.
    redirect: 'manual',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  }).catch((error: Error) => {
    throw new Error(`it does not answer: ${reasonOf(error)}`, { cause: error });
  });
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  return { status: response.status, type: type.trim().toLowerCase(), body: await textOf(response) };
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early ends the connection.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`its answer is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: Error): string {
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}
