// Live pictures as they reach this page: opened, and taken only in their order.
//
//     counter above all others of its key, key not followed by another, number the last one's successor   → shown
//     a keyframe after a gap                                                                                 → shown
//     anything else: repeated, out of order, something missing before it                                     → a gap, never a picture
//
// Whoever relays them can hold pictures back, drop them or send them twice; it can show nothing that is not from the door, nor
// anything twice. Pure.
//
// Source: docs/FORMAT.md, "Live"; RFC 9605, 9.1.

import type { Bytes } from "../format/bytes.ts";
import { LIVE_METADATA, type LivePicture, parsePicture } from "../format/live.ts";
import { SealBroken } from "../sealing/errors.ts";
import { type FrameKey, frameHeader, frameKey, openFrame } from "../sealing/sframe.ts";

/** "early": its key is still on its way. "gap": not to be shown, and nothing more before a keyframe. "old": came before. */
export type Taken = LivePicture | "early" | "gap" | "old";

export class LivePictures {
  readonly #keys = new Map<bigint, FrameKey>();
  #kid = -1n;
  #counter = -1n;
  #last: bigint | null = null;
  #newest = -1n;
  #stream = 0;

  /** Learn a key that this reader was given. */
  learn(kid: number, base: Bytes): void {
    this.#keys.set(BigInt(kid), frameKey(BigInt(kid), base));
  }

  /** Something was lost on the way to the player: nothing before a keyframe. */
  lost(): void {
    this.#last = null;
  }

  /** What a frame is. Throws SealBroken, FormatError for what is none of the door's. */
  take(frame: Bytes): Taken {
    const header = frameHeader(frame);
    if (header.kid < this.#kid || (header.kid === this.#kid && header.counter <= this.#counter)) return "old";
    const key = this.#keys.get(header.kid);
    if (key === undefined) return "early";
    const picture = parsePicture(openFrame(key, frame, LIVE_METADATA));
    for (const kid of this.#keys.keys()) if (kid < header.kid) this.#keys.delete(kid);
    [this.#kid, this.#counter] = [header.kid, header.counter];
    if (picture.number <= this.#newest) throw new SealBroken("a live picture has the number of another");
    const follows =
      this.#last !== null && picture.number === this.#last + 1n && (picture.stream === this.#stream || isKey(picture));
    this.#newest = picture.number;
    if (!follows && !isKey(picture)) {
      this.#last = null;
      return "gap";
    }
    this.#last = picture.number;
    this.#stream = picture.stream;
    return picture;
  }
}

export const isKey = ({ init }: LivePicture): boolean => init.length > 0;
