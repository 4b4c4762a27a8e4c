// What was given to this reader: grants, kept as they came, and the keys in them. Nothing in a grant is believed: a key counts where
// it opens something that the record knows.
//
// Source: docs/FORMAT.md, "Grant".

import type { Identity } from "age-encryption";

import { type Bytes, equal } from "../format/bytes.ts";
import { FormatError, parse } from "../format/json.ts";
import type { Files, Store } from "../keys/store.ts";
import type { Epochs } from "../sealing/epochs.ts";
import { NotForUs, SealBroken } from "../sealing/errors.ts";
import { openWhole } from "../sealing/stream.ts";
import { grantText } from "./grants.ts";
import type { Ask } from "./session.ts";

export class Given {
  readonly #store: Store;
  readonly #identity: Identity;
  readonly #door: Bytes;
  readonly #epochs: Epochs;
  readonly #grants: Map<number, Bytes>;
  readonly #clips = new Map<number, Bytes[]>();

  constructor(store: Store, identity: Identity, door: Bytes, epochs: Epochs, grants: Files) {
    this.#store = store;
    this.#identity = identity;
    this.#door = door;
    this.#epochs = epochs;
    this.#grants = new Map(grants);
  }

  /** Keys of one clip's film. */
  of(clip: number): readonly Bytes[] {
    return this.#clips.get(clip) ?? [];
  }

  /** Open what is kept. */
  async remember(): Promise<void> {
    for (const file of this.#grants.values()) await this.#learn(file);
  }

  /** Fetch what the door keeps for this reader; whether there is anything new. Throws what `ask` throws. */
  async fetch(ask: Ask): Promise<boolean> {
    let news = false;
    for (let from = Math.max(0, ...this.#grants.keys()) + 1; ;) {
      const { body } = await ask({ type: "grants", from });
      for (const { number, file } of body.grants) {
        from = number + 1;
        await this.#keep(number, file);
        news = (await this.#learn(file)) || news;
      }
      if (!body.more || body.grants.length === 0) return news;
    }
  }

  /** Take in a grant that came as a file; whether it is for this reader at this door. */
  async take(file: Bytes): Promise<boolean> {
    if (!(await this.#learn(file))) return false;
    await this.#keep(Math.min(0, ...this.#grants.keys()) - 1, file);
    return true;
  }

  #keep(number: number, file: Bytes): Promise<void> {
    this.#grants.set(number, file);
    return this.#store.keepGrant(number, file);
  }

  async #learn(file: Bytes): Promise<boolean> {
    try {
      const text = parse(await openWhole(file, this.#identity), grantText, "grant");
      if (!equal(text.door, this.#door)) return false;
      for (const { epoch, key } of text.epochs) this.#epochs.addGiven(epoch, key);
      for (const { clip, key } of text.clips) this.#clips.set(clip, [...this.of(clip), key]);
      return true;
    } catch (error) {
      // A broken grant harms nothing but itself.
      if (error instanceof NotForUs || error instanceof SealBroken || error instanceof FormatError) return false;
      throw error;
    }
  }
}
