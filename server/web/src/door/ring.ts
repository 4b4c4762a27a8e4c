// Rings as they reach this page: opened, and told once, while they are new.
//
//     pushed   sealed by the door at that moment: sounds if the record does not have its line yet, so an old one stays silent
//     read     its line, met while following the record: sounds if it came since this connection began, or shortly before
//
// Whichever comes first sounds, the other is the same ring. A server that holds a ring back, or shows one again, makes no sound:
// each ten seconds a signed head says how long the record is, and a ring in it is past. No clock of this device has a say.
//
// Source: docs/FORMAT.md, "Ring".

import { type Bytes, equal } from "../format/bytes.ts";
import { RING_METADATA, ringPayload, signedRing } from "../format/ring.ts";
import type { Epochs } from "../sealing/epochs.ts";
import { SealBroken } from "../sealing/errors.ts";
import { TrustError } from "../trust/errors.ts";
import type { Roster } from "../trust/roster.ts";
import { verify } from "../trust/signed.ts";
import { type Visits, isOpen } from "../trust/visits.ts";
import { FormatError } from "../format/json.ts";

/** What was rung while the connection was gone, and nobody has seen to, still sounds for so long, by the door's own clock. */
const STILL_MS = 30_000;
/** A ring without a line is held to the door's last signed word, which may be a little younger than it. */
const SLACK_MS = 2_000;
const REMEMBERED = 64;

export interface Ring {
  /** Its line; null if the door could write none. */
  readonly seq: number | null;
  readonly at_utc: string;
  /** JPEG; empty if there is none. */
  readonly picture: Bytes;
}

/** The ring in a sealed word of the door; null if its key is not there. Throws TrustError. */
export async function openRing(
  epochs: Epochs,
  { door, device }: Pick<Roster, "door" | "device">,
  sealed: Bytes,
): Promise<Ring | null> {
  try {
    const plaintext = await epochs.open(sealed, RING_METADATA);
    if (plaintext === null) return null;
    const ring = await verify(device, "ring", signedRing(plaintext), ringPayload);
    if (!equal(ring.door, door)) throw new TrustError("another door rang");
    return ring;
  } catch (error) {
    if (error instanceof SealBroken || error instanceof FormatError)
      throw new TrustError("what came as a ring is none of your door’s", { cause: error });
    throw error;
  }
}

/** Which rings are new on this connection. */
export class NewRings {
  #from: number | null = null;
  readonly #told = new Set<string>();

  /** The record was followed for the first time on this connection; `heard` is the door's time by its last signed word. */
  begin(head: number, visits: Visits, heard: string): Ring | null {
    this.#from = head;
    const last = visits.at(-1);
    if (last === undefined || !isOpen(last) || Date.parse(heard) - Date.parse(last.last_utc) > STILL_MS) return null;
    return this.#once({ seq: last.seq, at_utc: last.last_utc, picture: NONE });
  }

  /** The connection broke: until the record was followed again, what is told could be old. */
  end(): void {
    this.#from = null;
  }

  /** The ring that the record tells of by now, if it is new. */
  read(visits: Visits): Ring | null {
    const last = visits.at(-1);
    if (last === undefined || this.#from === null || last.seq <= this.#from) return null;
    return this.#once({ seq: last.seq, at_utc: last.last_utc, picture: NONE });
  }

  /** The pushed ring, if it is new to a page whose verified record ends with line `head`. */
  pushed(ring: Ring, head: number, heard: string): Ring | null {
    if (this.#from === null) return null;
    if (ring.seq !== null) return ring.seq > head ? this.#once(ring) : null;
    return Date.parse(ring.at_utc) >= Date.parse(heard) - SLACK_MS ? this.#once(ring) : null;
  }

  #once(ring: Ring): Ring | null {
    const name = ring.seq === null ? ring.at_utc : String(ring.seq);
    if (this.#told.has(name)) return null;
    this.#told.add(name);
    for (const old of this.#told) {
      if (this.#told.size <= REMEMBERED) break;
      this.#told.delete(old);
    }
    return ring;
  }
}

const NONE = new Uint8Array(0);
