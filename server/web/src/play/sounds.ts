// What is heard live, as it reaches this page: opened, taken only in its order, and only beside the picture of its moment.
//
//     counter above all others of its key, key not followed by another, heard within two seconds of the newest picture   → played
//     anything else: repeated, out of order, held back                                                                    → silence
//
// Whoever relays it can leave moments out; it can have nothing heard that is not from the door, nor twice, nor at another time. Pure.
//
// Source: docs/FORMAT.md, "Live"; RFC 9605, 9.1.

import type { Bytes } from "../format/bytes.ts";
import { type LiveSound, SOUND_KID, SOUND_METADATA, parseSound } from "../format/live.ts";
import { type FrameKey, frameHeader, frameKey, openFrame } from "../sealing/sframe.ts";

/** Farther from the newest picture it is of another moment. */
const APART_MS = 2_000;

export const isSound = (frame: Bytes): boolean => frameHeader(frame).kid >= SOUND_KID;

export class LiveSounds {
  readonly #keys = new Map<bigint, FrameKey>();
  #kid = -1n;
  #counter = -1n;

  /** Learn a live key that this reader was given. */
  learn(kid: number, base: Bytes): void {
    const number = SOUND_KID + BigInt(kid);
    this.#keys.set(number, frameKey(number, base));
  }

  /** What is to be heard of a frame while the picture of `pictureMs` is the newest; null: nothing. Throws SealBroken, FormatError. */
  take(frame: Bytes, pictureMs: number): LiveSound | null {
    const header = frameHeader(frame);
    if (header.kid < this.#kid || (header.kid === this.#kid && header.counter <= this.#counter)) return null;
    const key = this.#keys.get(header.kid);
    // Its key is still on its way: by then this moment is over.
    if (key === undefined) return null;
    const sound = parseSound(openFrame(key, frame, SOUND_METADATA));
    for (const kid of this.#keys.keys()) if (kid < header.kid) this.#keys.delete(kid);
    [this.#kid, this.#counter] = [header.kid, header.counter];
    return Math.abs(sound.atMs - pictureMs) <= APART_MS ? sound : null;
  }
}
