// Following the record: rounds of catching up, one at a time, and a second look for what is not there yet.
//
//     catch up → kept → shown → rings → what changed on the days that are loaded → grants

import { Unreachable } from "../format/unreachable.ts";
import type { Store } from "../keys/store.ts";
import type { Epochs } from "../sealing/epochs.ts";
import type { Visits } from "../trust/visits.ts";
import type { ClipStore } from "./clipstore.ts";
import type { Given } from "./given.ts";
import type { House } from "./house.ts";
import { pause } from "./patience.ts";
import type { Ask, Session } from "./session.ts";
import { catchUp, readAgain } from "./sync.ts";

/** From a clip's last line until it lies at its day: some syncs of the disk, with much to spare. */
const SETTLE_MS = 3_000;

/** Where what was read is kept, and what it is read with. */
interface Shelves {
  readonly store: Store;
  readonly epochs: Epochs;
  readonly given: Given;
  readonly clips: ClipStore;
}

export class Following {
  readonly #house: House;
  readonly #shelves: Shelves;
  readonly #ask: Ask;
  readonly #read: (visits: Visits) => void;
  #updating: Promise<void> | null = null;
  #again = false;
  #seeking = false;

  /** `read` is told the visits of the record after each round. */
  constructor(house: House, shelves: Shelves, ask: Ask, read: (visits: Visits) => void) {
    this.#house = house;
    this.#shelves = shelves;
    this.#ask = ask;
    this.#read = read;
  }

  /** Catch up; calls that come meanwhile are served by one more round. Throws RecordBroken, Refused, TrustError, Unreachable. */
  update(): Promise<void> {
    if (this.#updating !== null) {
      this.#again = true;
      return this.#updating;
    }
    this.#updating = this.#rounds().finally(() => {
      this.#updating = null;
    });
    return this.#updating;
  }

  async #rounds(): Promise<void> {
    const { store, epochs, given, clips } = this.#shelves;
    this.#again = true;
    while (this.#again) {
      this.#again = false;
      const session = this.#house.session();
      if (session === null) return;
      const { member, verified: before } = this.#house.view();
      const { verified, files } = await catchUp(session, member.keys.sign, before, epochs);
      await store.keep(verified, files);
      this.#house.publish({ verified });
      this.#read(verified.facts.visits);
      await clips.loadChanged(session, before);
      void this.seek(session);
      if (verified.facts.grants > before.facts.grants && (await given.fetch(this.#ask))) await this.useGrants(session);
    }
  }

  /** Read the whole record and every day again, and compare; `read` is told each line, `stopped` ends it after the record. Throws RecordBroken, Refused, TrustError, Unreachable. */
  async reread(read: (seq: number) => void, stopped: AbortSignal): Promise<void> {
    const session = this.#house.session();
    if (session === null) throw new Unreachable("the door is not reachable");
    await this.#readAgain(session, read);
    if (stopped.aborted) return;
    await this.#shelves.clips.loadAll(session);
    // What began or gave way while the days were listed.
    await this.update();
  }

  /** Given keys open lines that were passed over, so the record is read again. */
  async useGrants(session: Session): Promise<void> {
    await this.#readAgain(session);
    await this.#shelves.clips.loadNewest(session);
  }

  async #readAgain(session: Session, read?: (seq: number) => void): Promise<void> {
    const { store, epochs } = this.#shelves;
    const { member, verified: before } = this.#house.view();
    const verified = await readAgain(session, member.born, before, epochs, read);
    await store.keep(verified, new Map());
    this.#house.publish({ verified });
  }

  /** Look again for what is not there yet, once it had time to get there. Throws RecordBroken, Refused, TrustError, Unreachable. */
  async lookAgain(stopped: AbortSignal): Promise<void> {
    await pause(SETTLE_MS, stopped);
    const session = this.#house.session();
    if (session !== null) await this.#shelves.clips.lookAgain(session);
    await this.update();
  }

  /** Say what is missing, once it was looked for twice. */
  async seek(session: Session): Promise<void> {
    const { clips } = this.#shelves;
    if (this.#seeking || !clips.isUnsettled()) return;
    this.#seeking = true;
    try {
      await pause(SETTLE_MS, this.#house.woken());
      await clips.lookAgain(session);
      // What gave way meanwhile has its line before it goes.
      await this.update();
      if (session === this.#house.session()) clips.settle();
    } catch (error) {
      this.#house.failed(error);
    } finally {
      this.#seeking = false;
    }
  }
}
