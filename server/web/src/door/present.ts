// What happens at the door at this moment: watching it live, one view at a time, and talking there.

import type { Identity } from "age-encryption";

import type { Bytes } from "../format/bytes.ts";
import type { Roster } from "../trust/roster.ts";
import type { Ask } from "./session.ts";
import { Talking } from "./talking.ts";
import { type Screen, Watching } from "./watching.ts";

export class Present {
  readonly #ask: Ask;
  readonly #identity: Identity;
  readonly #roster: () => Roster;
  readonly #say: (frame: Bytes) => void;
  readonly #failed: (error: unknown) => void;
  #watching: Watching | null = null;

  constructor(
    ask: Ask,
    identity: Identity,
    roster: () => Roster,
    say: (frame: Bytes) => void,
    failed: (error: unknown) => void,
  ) {
    this.#ask = ask;
    this.#identity = identity;
    this.#roster = roster;
    this.#say = say;
    this.#failed = failed;
  }

  /** Watch live until what this returns is called. One view at a time. */
  watch(screen: Screen): () => void {
    const watching = new Watching(this.#ask, this.#identity, this.#roster, screen);
    this.#watching = watching;
    watching.begin();
    return () => {
      if (this.#watching === watching) this.#watching = null;
      watching.end().catch(this.#failed);
    };
  }

  /** A talk at the door, not begun yet. */
  talk(): Talking {
    return new Talking(this.#ask, this.#identity, this.#say);
  }

  /** There is a new connection. */
  joined(): void {
    void this.#watching?.join();
  }

  /** A sealed picture came. */
  frame(frame: Bytes): void {
    this.#watching?.frame(frame);
  }

  /** The live key turned. */
  async turned(signed: Bytes): Promise<void> {
    await this.#watching?.turned(signed);
  }
}
