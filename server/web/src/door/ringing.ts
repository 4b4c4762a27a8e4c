// Who rings, on this page: the pushed word or the record's line, whichever comes first, until it is put off.

import type { Bytes } from "../format/bytes.ts";
import type { Epochs } from "../sealing/epochs.ts";
import type { Visits } from "../trust/visits.ts";
import type { House } from "./house.ts";
import { NewRings, type Ring, openRing } from "./ring.ts";
import type { Session } from "./session.ts";

export class Ringing {
  readonly #house: House;
  readonly #epochs: Epochs;
  readonly #catchUp: () => Promise<void>;
  readonly #rings = new NewRings();

  constructor(house: House, epochs: Epochs, catchUp: () => Promise<void>) {
    this.#house = house;
    this.#epochs = epochs;
    this.#catchUp = catchUp;
  }

  /** The record was followed for the first time on this connection. */
  begin({ heardUtc }: Session): void {
    const { chain, facts } = this.#house.view().verified;
    this.#ring(this.#rings.begin(chain.head.seq, facts.visits, heardUtc));
  }

  /** The connection broke. */
  end(): void {
    this.#rings.end();
  }

  /** The record was followed further. */
  read(visits: Visits): void {
    this.#ring(this.#rings.read(visits));
  }

  /** The door says that somebody rings. Throws TrustError, and what catching up throws. */
  async rung(sealed: Bytes): Promise<void> {
    const { session, view, publish } = this.#house;
    const asked = session();
    const { roster, head } = view().verified.chain;
    let ring = await openRing(this.#epochs, roster, sealed);
    if (ring === null) {
      // The first of a day is sealed under a key that begins with it.
      await this.#catchUp();
      ring = await openRing(this.#epochs, roster, sealed);
    }
    if (ring === null || asked === null || asked !== session()) return;
    const { ringing } = view();
    // A picture that comes a moment later is the same ring.
    if (ringing !== null && ring.seq !== null && ringing.seq === ring.seq) publish({ ringing: ring });
    else this.#ring(this.#rings.pushed(ring, head.seq, asked.heardUtc));
  }

  #ring(ring: Ring | null): void {
    if (ring !== null) this.#house.publish({ ringing: ring });
  }
}
