import { findDeliveries } from '#app/log';
import type { ClientBase } from 'pg';

/** A CloudEvent's identity and the keyed digest of its content, as UUID texts. */
export interface Delivery {
  identity: string;
  digest: string;
}

export type Verdict = 'NEW' | 'DUPLICATE' | 'CONFLICT';

/** What is recorded already under the identities of a batch, and what the batch itself adds on its way. */
export class Deliveries {
  private constructor(private readonly digests: Map<string, string>) {}

  static async load(tx: ClientBase, deliveries: readonly Delivery[]): Promise<Deliveries> {
    const found = await findDeliveries(
      tx,
      deliveries.map(({ identity }) => identity),
    );
    return new Deliveries(new Map([...found].map(([identity, { digest }]) => [identity, digest])));
  }

  /** Same identity and same content: a duplicate. Same identity and other content: a conflict, never dropped silently. */
  verdict({ identity, digest }: Delivery): Verdict {
    const recorded = this.digests.get(identity);
    if (recorded === undefined) return 'NEW';
    return recorded === digest ? 'DUPLICATE' : 'CONFLICT';
  }

  /** Only what is recorded is registered, so that a rejected message can come again under its id. */
  register({ identity, digest }: Delivery): void {
    this.digests.set(identity, digest);
  }
}
