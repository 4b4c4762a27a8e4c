// One talk at the door: asked for, sealed moment by moment under a key that the door made for it, and ended.
//
//     asking ──▶ heard ──▶ over: by this reader, by time, or because the door, or the way to it, says so
//
// A moment's counter says when it was spoken, from the key on, by the microphone's own clock. What cannot be sent at once is left
// out: a voice that lags is worse than one with a gap.
//
// Source: docs/FORMAT.md, "Talk".

import type { Identity } from "age-encryption";

import type { Bytes } from "../format/bytes.ts";
import { parse } from "../format/json.ts";
import { TALK_METADATA, liveKey } from "../format/live.ts";
import { MOMENT_MS, TALK_MS } from "../format/talk.ts";
import { Unreachable } from "../format/unreachable.ts";
import { SealBroken } from "../sealing/errors.ts";
import { type FrameKey, frameKey, sealFrame } from "../sealing/sframe.ts";
import { openWhole } from "../sealing/stream.ts";
import { type Ask, Refused } from "./session.ts";

/** Somebody who begins just now is told so by the record a moment later. */
const SETTLES_MS = 3_000;

export class Talking {
  readonly #ask: Ask;
  readonly #identity: Identity;
  readonly #send: (frame: Bytes) => void;
  readonly #now: () => number;
  #key: FrameKey | null = null;
  #sinceMs = 0;
  #offset: number | null = null;
  #last = -1;
  #isOver = false;
  #wasOnRecord = false;

  /** `send` takes a sealed moment to the door at once, or drops it. */
  constructor(ask: Ask, identity: Identity, send: (frame: Bytes) => void, now: () => number = () => performance.now()) {
    this.#ask = ask;
    this.#identity = identity;
    this.#send = send;
    this.#now = now;
  }

  /** Whether the door takes what is said. */
  get isHeard(): boolean {
    return this.#key !== null && !this.#isOver;
  }

  /** Ask to be heard; `recorded` if it is a sentence that was spoken before. Throws Refused, SealBroken, TrustError, Unreachable. */
  async begin(recorded: boolean): Promise<void> {
    const { body } = await this.#ask({ type: "talk", recorded });
    const key = parse(await openWhole(body.file, this.#identity), liveKey, "talk key");
    if (key.kid !== body.kid) throw new SealBroken("a talk key’s file holds another");
    this.#key = frameKey(BigInt(key.kid), key.key);
    this.#sinceMs = this.#now();
    // It was let go of meanwhile.
    if (this.#hasEnded()) await this.#tellEnd(key.kid);
  }

  /** A moment was spoken: its number by the microphone's clock, and its sound. */
  spoken(number: number, sound: Bytes): void {
    if (this.#key === null || this.#isOver) return;
    this.#offset ??= Math.floor((this.#now() - this.#sinceMs) / MOMENT_MS) - number;
    const counter = number + this.#offset;
    if (counter <= this.#last || counter >= TALK_MS / MOMENT_MS) return;
    this.#last = counter;
    this.#send(sealFrame(this.#key, BigInt(counter), sound, TALK_METADATA));
  }

  /** Whether it goes on, by what the record says of who speaks now. */
  goesOn(isMine: boolean): boolean {
    if (this.#isOver) return false;
    if (this.#key === null) return true;
    const ms = this.#now() - this.#sinceMs;
    this.#wasOnRecord ||= isMine;
    const isSettled = this.#wasOnRecord || ms > SETTLES_MS;
    return ms < TALK_MS && (isMine || !isSettled);
  }

  /** Say no more. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#key !== null) await this.#tellEnd(Number(this.#key.kid));
  }

  /** Whether it ended meanwhile: no compiler can know. */
  #hasEnded(): boolean {
    return this.#isOver;
  }

  async #tellEnd(kid: number): Promise<void> {
    try {
      await this.#ask({ type: "talk_end", kid });
    } catch (error) {
      // Out of reach it has ended already; the door writes that line by itself.
      if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
    }
  }
}
