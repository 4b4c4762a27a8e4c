// The household as this page sees it: what it asks, what it is told, and each change for the page.
//
//     watch → catch up → days → events;   then on each notice: catch up → what changed
//     every 10 s a signed head, or within 15 s the door counts as not reachable
//
// One `Household` a page. All that it publishes is plain data.

import { type Bytes, equal } from "../format/bytes.ts";
import { FormatError } from "../format/json.ts";
import type { Change, Head } from "../format/lines.ts";
import { notice } from "../format/messages.ts";
import { Unreachable } from "../format/unreachable.ts";
import { identityOf, signerOf } from "../keys/reader.ts";
import type { Store } from "../keys/store.ts";
import { Epochs } from "../sealing/epochs.ts";
import { RecordBroken, TrustError } from "../trust/errors.ts";
import { readFarewell } from "../trust/farewell.ts";
import { verify } from "../trust/signed.ts";
import type { Told } from "./channel.ts";
import { ClipStore, NO_PAGES } from "./clipstore.ts";
import { openConditions } from "./conditions.ts";
import { Connection } from "./connection.ts";
import { Following } from "./following.ts";
import { Given } from "./given.ts";
import { Checkups } from "./health.ts";
import { HandedOut } from "./handed_out.ts";
import type { House } from "./house.ts";
import { Present } from "./present.ts";
import { Ringing } from "./ringing.ts";
import { type Ask, Refused, type Session } from "./session.ts";
import type { Voice } from "./statements.ts";
import type { Memory, View } from "./view.ts";
import { Viewer } from "./viewer.ts";

export class Household {
  readonly store: Store;
  readonly viewer: Viewer;
  readonly #given: Given;
  readonly #changed: (view: View) => void;
  readonly #clipStore: ClipStore;
  readonly #following: Following;
  readonly #ringing: Ringing;
  readonly #connection: Connection;
  readonly #head = (): Head => this.#view.verified.chain.head;
  /** Watching and talking at this moment. */
  readonly present: Present;
  /** How the door is. */
  readonly health: Checkups;
  #view: View;

  constructor(store: Store, url: string, memory: Memory, changed: (view: View) => void) {
    const { member, verified, seen } = memory;
    this.store = store;
    this.#changed = changed;
    const identity = identityOf(member.keys);
    const epochs = new Epochs(identity, memory.epochs);
    this.#given = new Given(store, identity, verified.chain.roster.door, epochs, memory.grants);
    this.#view = {
      link: { kind: "connecting" },
      conditions: null,
      ringing: null,
      speaks: false,
      listens: false,
      alarm: null,
      farewell: memory.farewell,
      member,
      verified,
      seen,
      ...NO_PAGES,
    };
    this.viewer = new Viewer(identity, epochs, this.#given, () => this.#view);
    this.#clipStore = new ClipStore(
      () => this.viewer.eyes,
      () => this.#view.verified,
      (pages) => {
        this.#publish(pages);
      },
    );
    const failed = (error: unknown): void => {
      this.#failed(error);
    };
    this.#connection = new Connection(url, () => ({ member, roster: this.#view.verified.chain.roster }), {
      heard: () => {
        if (this.#view.link.kind !== "live") this.#publish({ link: { kind: "live" } });
      },
      missed: () => {
        // Whoever is not recognised gets no head, however near the door is.
        if (this.#view.link.kind !== "stranger") this.#publish({ link: { kind: "unreachable" } });
      },
      begun: (session) => this.#begun(session),
      due: (session) => {
        this.#askHow(session).catch(failed);
      },
      told: (told) => {
        this.#told(told).catch(failed);
      },
      frame: (frame) => {
        this.present.frame(frame);
      },
      failed,
    });
    const house: House = {
      session: () => this.#connection.session,
      view: () => this.#view,
      publish: (news) => {
        this.#publish(news);
      },
      failed,
      woken: () => this.#connection.woken,
    };
    const say = (frame: Bytes): void => {
      this.#connection.say(frame);
    };
    this.present = new Present(this.ask, identity, () => this.#view.verified.chain.roster, say, failed);
    this.health = new Checkups(this.ask, identity, epochs);
    const shelves = { store, epochs, given: this.#given, clips: this.#clipStore };
    this.#ringing = new Ringing(house, epochs, () => this.catchUp());
    this.#following = new Following(house, shelves, this.ask, (visits) => {
      this.#ringing.read(visits);
    });
  }

  get view(): View {
    return this.#view;
  }

  /** Keep connected until `stop`, or until the record turns out to be broken. */
  async run(): Promise<void> {
    await this.#given.remember();
    await this.#connection.run();
  }

  /** The page came back into sight, or the network did: look now. */
  wake(): void {
    this.#connection.wake();
  }

  stop(): void {
    this.#connection.stop();
  }

  /** Show the newest day that is not shown yet. */
  async loadEarlier(): Promise<void> {
    try {
      const { session } = this.#connection;
      if (session !== null) await this.#clipStore.loadEarlier(session);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Ask the door. Throws Refused, TrustError, Unreachable. */
  readonly ask: Ask = async (body) => {
    const { session } = this.#connection;
    if (session === null) throw new Unreachable("the door is not reachable");
    try {
      return await session.ask(body, this.#head);
    } catch (error) {
      if (error instanceof TrustError) this.#failed(error);
      throw error;
    }
  };

  /** The door's time at this moment, in ms since 1970; null while it is not heard. */
  get doorMs(): number | null {
    return this.#connection.session?.doorMs ?? null;
  }

  get voice(): Voice {
    const { member, verified } = this.#view;
    return { door: verified.chain.roster.door, by: member.keys.sign, signer: signerOf(member.keys) };
  }

  /** Have the household changed; resolves once this page has verified the change. Throws Refused, TrustError, Unreachable. */
  async change(line: Change): Promise<void> {
    await this.ask({ type: "change", line });
    await this.catchUp();
  }

  /** The sealed bytes of a clip. The door writes down that we asked, and whether to keep it. Throws Refused, TrustError, Unreachable. */
  fetchClip(clip: number, stopped: AbortSignal, as: "clip" | "export" = "clip"): Promise<HandedOut> {
    return HandedOut.ask(async () => (await this.ask({ type: as, clip })).body, stopped);
  }

  /** Take in what the record says by now. Throws RecordBroken, Refused, TrustError, Unreachable. */
  catchUp(): Promise<void> {
    return this.#following.update();
  }

  /** Read the whole record and every day again, and compare; `read` is told each line, `stopped` ends it after the record. Throws RecordBroken, Refused, TrustError, Unreachable. */
  async reread(read: (seq: number) => void, stopped: AbortSignal): Promise<void> {
    try {
      await this.#following.reread(read, stopped);
    } catch (error) {
      if (error instanceof TrustError) this.#failed(error);
      throw error;
    }
  }

  /** Look again for what is not there yet, once it had time to get there. Throws RecordBroken, Refused, TrustError, Unreachable. */
  lookAgain(stopped: AbortSignal): Promise<void> {
    return this.#following.lookAgain(stopped);
  }

  /** Take in a grant that came as a file; whether it was for this reader. */
  async takeGrant(file: Bytes): Promise<boolean> {
    if (!(await this.#given.take(file))) return false;
    const { session } = this.#connection;
    if (session !== null) await this.#following.useGrants(session);
    return true;
  }

  /** A person has seen what changed up to line `seq`, the newest of what was shown. */
  async acknowledge(seq: number): Promise<void> {
    await this.store.keepSeen(seq);
    this.#publish({ seen: seq });
  }

  async #begun(session: Session): Promise<void> {
    // What it said before the connection broke is no word on how it is.
    this.#publish({ conditions: null });
    this.#ringing.end();
    const { body } = await session.ask({ type: "watch" }, this.#head);
    this.#publish({ speaks: body.speaks, listens: body.listens });
    await this.catchUp();
    this.#ringing.begin(session);
    this.#connection.hurry();
    this.present.joined();
    if (await this.#given.fetch(this.ask)) await this.#following.useGrants(session);
    else await this.#clipStore.loadNewest(session);
    void this.#following.seek(session);
    void this.health.meet(session.heardUtc);
  }

  async #askHow(session: Session): Promise<void> {
    const { body, head } = await session.ask({ type: "head" }, this.#head);
    // The key that it is sealed under may be announced by a line that is not here yet.
    if (head.seq > this.#view.verified.chain.head.seq) await this.catchUp();
    const conditions = await openConditions(this.viewer.epochs, body.conditions);
    if (session === this.#connection.session) this.#publish({ conditions });
  }

  async #told(told: Told): Promise<void> {
    if (told.type === "farewell") await this.#part(told.signed);
    else if (told.type === "ring") await this.#ringing.rung(told.sealed);
    else if (told.type === "live_key") await this.present.turned(told.signed);
    else await this.#noticed(told.signed);
  }

  async #noticed(signed: Bytes): Promise<void> {
    const { chain } = this.#view.verified;
    const said = await verify(chain.roster.device, "notice", signed, notice);
    // An old notice may be shown again by whoever relays it; it moves nothing.
    if (equal(said.door, chain.roster.door) && said.head.seq > chain.head.seq) {
      await this.catchUp();
      this.#connection.hurry();
    }
  }

  async #part(signed: Bytes): Promise<void> {
    const { member, verified } = this.#view;
    const farewell = await readFarewell(signed, verified.chain.roster, member.keys.sign);
    this.stop();
    await this.store.keepFarewell(farewell).catch(() => undefined);
    this.#publish({ farewell });
  }

  /** Nobody needs to be told of that ring any longer on this page. */
  hush(): void {
    this.#publish({ ringing: null });
  }

  /** Say to the others that this reader sees to whoever rang in that line. Throws Refused, TrustError, Unreachable. */
  async answer(ring: number): Promise<void> {
    await this.ask({ type: "answer", ring });
    await this.catchUp();
  }

  #failed(error: unknown): void {
    if (error instanceof RecordBroken) {
      this.stop();
      this.#publish({ alarm: error.message });
    } else if (error instanceof TrustError || error instanceof FormatError)
      this.#publish({ link: { kind: "interfered" } });
    else if (error instanceof Refused && error.code === "unknown_reader") {
      // With a farewell, that is what is shown.
      if (!error.signed) this.#publish({ link: { kind: "stranger" } });
    } else if (error instanceof Unreachable || error instanceof Refused) {
      // Whether the door is gone or merely blinked, the missing head will tell.
      if (this.#view.link.kind === "live") this.#publish({ link: { kind: "connecting" } });
    } else throw error;
  }

  #publish(news: Partial<View>): void {
    this.#view = { ...this.#view, ...news };
    this.#changed(this.#view);
  }
}
