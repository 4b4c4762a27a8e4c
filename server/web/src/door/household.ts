// The household as this page sees it: keeps the connection, the verified record and the loaded clips, and tells the page of each change.
//
//     connect → born line is ours → watch → catch up → days → events;   then on each notice: catch up → what changed
//     every 10 s a signed head, or within 15 s the door counts as not reachable
//
// One `Household` a page. All that it publishes is plain data.

import type { Identity } from "age-encryption";

import { type Bytes, equal } from "../format/bytes.ts";
import { FormatError } from "../format/json.ts";
import type { Change, Head } from "../format/lines.ts";
import { notice } from "../format/messages.ts";
import { identityOf, signerOf } from "../keys/reader.ts";
import type { Store } from "../keys/store.ts";
import type { Expected } from "../play/genuine.ts";
import type { Onlooker } from "../play/inspect.ts";
import { Epochs } from "../sealing/epochs.ts";
import { RecordBroken, TrustError } from "../trust/errors.ts";
import { keysAt, readerOf } from "../trust/roster.ts";
import { verify } from "../trust/signed.ts";
import { ClipStore, NO_PAGES } from "./clipstore.ts";
import { Channel, type Told } from "./channel.ts";
import { openConditions } from "./conditions.ts";
import { Unreachable } from "../format/unreachable.ts";
import { type Clip, type Eyes, isSealed } from "../clips/clips.ts";
import { readFarewell } from "../trust/farewell.ts";
import { Given } from "./given.ts";
import type { Giver } from "./grants.ts";
import { HandedOut } from "./handed_out.ts";
import { pause, waits } from "./patience.ts";
import { HEAD_MS, Pulse } from "./pulse.ts";
import { NewRings, type Ring, openRing } from "./ring.ts";
import { type Ask, Refused, Session, hello } from "./session.ts";
import { type Sight, sightOf } from "./sight.ts";
import type { Voice } from "./statements.ts";
import { catchUp, readAgain } from "./sync.ts";
import type { Memory, View } from "./view.ts";
import { type Screen, Watching } from "./watching.ts";

/** From a clip's last line until it lies at its day: some syncs of the disk, with much to spare. */
const SETTLE_MS = 3_000;

export class Household {
  readonly store: Store;
  readonly identity: Identity;
  readonly epochs: Epochs;
  readonly #given: Given;
  readonly #url: string;
  readonly #changed: (view: View) => void;
  readonly #clipStore: ClipStore;
  readonly #head = (): Head => this.#view.verified.chain.head;
  #view: View;
  #channel: Channel | null = null;
  #session: Session | null = null;
  #rings = new NewRings();
  #watching: Watching | null = null;
  #updating: Promise<void> | null = null;
  #again = false;
  #seeking = false;
  readonly #pulse = new Pulse(() => {
    // Whoever is not recognised gets no head, however near the door is.
    if (this.#view.link.kind !== "stranger") this.#publish({ link: { kind: "unreachable" } });
  });
  #stopped = false;
  #wake = new AbortController();

  constructor(store: Store, url: string, memory: Memory, changed: (view: View) => void) {
    const { member, verified, seen } = memory;
    this.store = store;
    this.#url = url;
    this.#changed = changed;
    this.identity = identityOf(member.keys);
    this.epochs = new Epochs(this.identity, memory.epochs);
    this.#given = new Given(store, this.identity, verified.chain.roster.door, this.epochs, memory.grants);
    this.#view = {
      link: { kind: "connecting" },
      conditions: null,
      ringing: null,
      alarm: null,
      farewell: memory.farewell,
      member,
      verified,
      seen,
      ...NO_PAGES,
    };
    this.#clipStore = new ClipStore(
      () => this.#eyes(),
      () => this.#view.verified,
      (pages) => {
        this.#publish(pages);
      },
    );
  }

  get view(): View {
    return this.#view;
  }

  /** Keep connected until `stop`, or until the record turns out to be broken. */
  async run(): Promise<void> {
    this.#pulse.expect();
    await this.#given.remember();
    for (const wait of waits(() => this.#pulse.takeAnswered())) {
      try {
        await this.#connected();
      } catch (error) {
        if (!this.#stopped) this.#failed(error);
      }
      this.#session = null;
      if (this.#stopped || this.#view.alarm !== null) return;
      this.#wake = new AbortController();
      await pause(wait, this.#wake.signal);
    }
  }

  /** The page came back into sight, or the network did: look now. */
  wake(): void {
    this.#wake.abort();
    if (this.#session !== null) this.#poll(this.#session);
  }

  stop(): void {
    this.#stopped = true;
    this.#pulse.stop();
    this.#wake.abort();
    this.#channel?.close();
  }

  /** Show the newest day that is not shown yet. */
  async loadEarlier(): Promise<void> {
    try {
      if (this.#session !== null) await this.#clipStore.loadEarlier(this.#session);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Ask the door. Throws Refused, TrustError, Unreachable. */
  readonly ask: Ask = async (body) => {
    if (this.#session === null) throw new Unreachable("the door is not reachable");
    try {
      return await this.#session.ask(body, this.#head);
    } catch (error) {
      if (error instanceof TrustError) this.#failed(error);
      throw error;
    }
  };

  get voice(): Voice {
    const { member, verified } = this.#view;
    return { door: verified.chain.roster.door, by: member.keys.sign, signer: signerOf(member.keys) };
  }

  /** Have the household changed; resolves once this page has verified the change. Throws Refused, TrustError, Unreachable. */
  async change(line: Change): Promise<void> {
    await this.ask({ type: "change", line });
    await this.#update();
  }

  /** The sealed bytes of a clip. The door writes down that we asked, and whether to keep it. Throws Refused, TrustError, Unreachable. */
  fetchClip(clip: number, stopped: AbortSignal, as: "clip" | "export" = "clip"): Promise<HandedOut> {
    return HandedOut.ask(async () => (await this.ask({ type: as, clip })).body, stopped);
  }

  /** What this reader opens with, for giving it on. */
  get giver(): Giver {
    return { identity: this.identity, epochs: this.epochs, given: (clip) => this.#given.of(clip) };
  }

  /** What has to hold for a clip's film, of which the door said that it has so many bytes. */
  expected(clip: Extract<Clip, { statement: unknown }>, size: number): Expected {
    const { facts } = this.#view.verified;
    return {
      size,
      statement: clip.statement,
      facts: facts.clips.get(clip.number),
      ...this.onlooker(clip.number),
    };
  }

  /** Whose eyes a clip's film is read with. */
  onlooker(clip: number): Onlooker {
    const { roster } = this.#view.verified.chain;
    return {
      identity: this.identity,
      given: this.#given.of(clip),
      keys: (seq) => keysAt(roster, seq),
      belongsAt: this.sight.belongsAt,
    };
  }

  /** What this reader can and ought to see of the record. */
  get sight(): Sight {
    const { member, verified } = this.#view;
    return sightOf(verified, readerOf(verified.chain.roster, member.keys.sign), this.epochs);
  }

  /** Take in what the record says by now. Throws RecordBroken, Refused, TrustError, Unreachable. */
  catchUp(): Promise<void> {
    return this.#update();
  }

  /** Read the whole record and every day again, and compare; `read` is told each line, `stopped` ends it after the record. Throws RecordBroken, Refused, TrustError, Unreachable. */
  async reread(read: (seq: number) => void, stopped: AbortSignal): Promise<void> {
    const session = this.#session;
    if (session === null) throw new Unreachable("the door is not reachable");
    try {
      const verified = await readAgain(session, this.#view.member.born, this.#view.verified, this.epochs, read);
      if (stopped.aborted) return;
      await this.store.keep(verified, new Map());
      this.#publish({ verified });
      await this.#clipStore.loadAll(session);
      // What began or gave way while the days were listed.
      await this.#update();
    } catch (error) {
      if (error instanceof TrustError) this.#failed(error);
      throw error;
    }
  }

  /** Look again for what is not there yet, once it had time to get there. Throws RecordBroken, Refused, TrustError, Unreachable. */
  async lookAgain(stopped: AbortSignal): Promise<void> {
    await pause(SETTLE_MS, stopped);
    if (this.#session !== null) await this.#clipStore.lookAgain(this.#session);
    await this.#update();
  }

  /** Take in a grant that came as a file; whether it was for this reader. */
  async takeGrant(file: Bytes): Promise<boolean> {
    if (!(await this.#given.take(file))) return false;
    if (this.#session !== null) await this.#useGrants(this.#session);
    return true;
  }

  /** A person has seen what changed up to line `seq`, the newest of what was shown. */
  async acknowledge(seq: number): Promise<void> {
    await this.store.keepSeen(seq);
    this.#publish({ seen: seq });
  }

  async #connected(): Promise<void> {
    const { member, verified } = this.#view;
    this.#rings.end();
    const channel = await Channel.open(
      this.#url,
      (told) => void this.#told(told),
      (frame) => {
        this.#watching?.frame(frame);
      },
    );
    this.#channel = channel;
    let polling: ReturnType<typeof setInterval> | undefined;
    try {
      if (this.#stopped) return;
      if (!equal((await hello(channel)).born, member.born))
        throw new RecordBroken(0, "is not the one that this reader knows: another door answers here");
      const session = new Session(channel, verified.chain.roster, member.keys.sign, signerOf(member.keys), () => {
        this.#heard();
      });
      this.#session = session;
      // What it said before the connection broke is no word on how it is.
      this.#publish({ conditions: null });
      await session.ask({ type: "watch" }, this.#head);
      await this.#update();
      this.#beginRinging(session);
      this.#poll(session);
      void this.#watching?.join();
      if (await this.#given.fetch(this.ask)) await this.#useGrants(session);
      else await this.#clipStore.loadNewest(session);
      void this.#seek(session);
      polling = setInterval(() => {
        this.#poll(session);
      }, HEAD_MS);
      await channel.closed;
      throw new Unreachable("the connection to the door was closed");
    } finally {
      clearInterval(polling);
      channel.close();
    }
  }

  #eyes(): Eyes {
    const { clips } = this.#view.verified.facts;
    return {
      ...this.sight,
      isGiven: (clip) => this.#given.of(clip).length > 0,
      isFinished: (clip) => isSealed(clips.get(clip)),
    };
  }

  /** Given keys open lines that were passed over, so the record is read again. */
  async #useGrants(session: Session): Promise<void> {
    const verified = await readAgain(session, this.#view.member.born, this.#view.verified, this.epochs);
    await this.store.keep(verified, new Map());
    this.#publish({ verified });
    await this.#clipStore.loadNewest(session);
  }

  #poll(session: Session): void {
    this.#askHow(session).catch((error: unknown) => {
      this.#failed(error);
    });
  }

  async #askHow(session: Session): Promise<void> {
    const { body, head } = await session.ask({ type: "head" }, this.#head);
    // The key that it is sealed under may be announced by a line that is not here yet.
    if (head.seq > this.#view.verified.chain.head.seq) await this.#update();
    const conditions = await openConditions(this.epochs, body.conditions);
    if (session === this.#session) this.#publish({ conditions });
  }

  async #told(told: Told): Promise<void> {
    try {
      if (told.type === "farewell") await this.#part(told.signed);
      else if (told.type === "ring") await this.#rung(told.sealed);
      else if (told.type === "live_key") await this.#watching?.turned(told.signed);
      else await this.#noticed(told.signed);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #noticed(signed: Bytes): Promise<void> {
    const { chain } = this.#view.verified;
    const said = await verify(chain.roster.device, "notice", signed, notice);
    // An old notice may be shown again by whoever relays it; it moves nothing.
    if (equal(said.door, chain.roster.door) && said.head.seq > chain.head.seq) {
      await this.#update();
      if (this.#session !== null) this.#poll(this.#session);
    }
  }

  async #part(signed: Bytes): Promise<void> {
    const { member, verified } = this.#view;
    const farewell = await readFarewell(signed, verified.chain.roster, member.keys.sign);
    this.stop();
    await this.store.keepFarewell(farewell).catch(() => undefined);
    this.#publish({ farewell });
  }

  async #rung(sealed: Bytes): Promise<void> {
    const session = this.#session;
    const { roster, head } = this.#view.verified.chain;
    let ring = await openRing(this.epochs, roster, sealed);
    if (ring === null) {
      // The first of a day is sealed under a key that begins with it.
      await this.#update();
      ring = await openRing(this.epochs, roster, sealed);
    }
    if (ring === null || session === null || session !== this.#session) return;
    const { ringing } = this.#view;
    if (ringing !== null && ring.seq !== null && ringing.seq === ring.seq) this.#publish({ ringing: ring });
    else this.#ring(this.#rings.pushed(ring, head.seq, session.heardUtc));
  }

  #beginRinging({ heardUtc }: Session): void {
    const { chain, facts } = this.#view.verified;
    this.#ring(this.#rings.begin(chain.head.seq, facts.visits, heardUtc));
  }

  #ring(ring: Ring | null): void {
    if (ring !== null) this.#publish({ ringing: ring });
  }

  /** Watch live until what this returns is called. One view at a time. */
  watchLive(screen: Screen): () => void {
    const watching = new Watching(this.ask, this.identity, () => this.#view.verified.chain.roster, screen);
    this.#watching = watching;
    watching.begin();
    return () => {
      if (this.#watching === watching) this.#watching = null;
      watching.end().catch((error: unknown) => {
        this.#failed(error);
      });
    };
  }

  /** Nobody needs to be told of that ring any longer on this page. */
  hush(): void {
    this.#publish({ ringing: null });
  }

  /** Say to the others that this reader sees to whoever rang in that line. Throws Refused, TrustError, Unreachable. */
  async answer(ring: number): Promise<void> {
    await this.ask({ type: "answer", ring });
    await this.#update();
  }

  /** Catch up; calls that come meanwhile are served by one more round. */
  #update(): Promise<void> {
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
    this.#again = true;
    while (this.#again) {
      this.#again = false;
      const session = this.#session;
      if (session === null) return;
      const before = this.#view.verified;
      const { verified, files } = await catchUp(session, this.#view.member.keys.sign, before, this.epochs);
      await this.store.keep(verified, files);
      this.#publish({ verified });
      this.#ring(this.#rings.read(verified.facts.visits));
      await this.#clipStore.loadChanged(session, before);
      void this.#seek(session);
      if (verified.facts.grants > before.facts.grants && (await this.#given.fetch(this.ask)))
        await this.#useGrants(session);
    }
  }

  /** Say what is missing, once it was looked for twice. */
  async #seek(session: Session): Promise<void> {
    if (this.#seeking || !this.#clipStore.isUnsettled()) return;
    this.#seeking = true;
    try {
      await pause(SETTLE_MS, this.#wake.signal);
      await this.#clipStore.lookAgain(session);
      // What gave way meanwhile has its line before it goes.
      await this.#update();
      if (session === this.#session) this.#clipStore.settle();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#seeking = false;
    }
  }

  #heard(): void {
    this.#pulse.heard();
    if (this.#view.link.kind !== "live") this.#publish({ link: { kind: "live" } });
  }

  #failed(error: unknown): void {
    if (error instanceof RecordBroken) {
      this.stop();
      this.#session = null;
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
