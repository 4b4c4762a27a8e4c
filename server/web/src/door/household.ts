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
import { CutShort } from "../play/streamed.ts";
import { verify } from "../trust/signed.ts";
import { Album, NO_PAGES } from "./album.ts";
import { Channel, Unreachable } from "./channel.ts";
import { type Clip, type Eyes, isSealed } from "./clips.ts";
import { Given } from "./given.ts";
import type { Giver } from "./grants.ts";
import { pause, waits } from "./patience.ts";
import { HEAD_MS, Pulse } from "./pulse.ts";
import { type Ask, Refused, Session, hello } from "./session.ts";
import { type Sight, sightOf } from "./sight.ts";
import type { Voice } from "./statements.ts";
import { catchUp, readAgain } from "./sync.ts";
import type { Memory, View } from "./view.ts";

/** From a clip's last line until it lies at its day: some syncs of the disk, with much to spare. */
const SETTLE_MS = 3_000;

/** What the door hands out: sealed bytes, and how many they are by its own signed word. */
export interface HandedOut {
  readonly response: Response;
  readonly size: number;
}

export class Household {
  readonly store: Store;
  readonly identity: Identity;
  readonly epochs: Epochs;
  readonly #given: Given;
  readonly #url: string;
  readonly #changed: (view: View) => void;
  readonly #album: Album;
  readonly #head = (): Head => this.#view.verified.chain.head;
  #view: View;
  #session: Session | null = null;
  #updating: Promise<void> | null = null;
  #again = false;
  #seeking = false;
  readonly #pulse = new Pulse(() => {
    this.#publish({ link: { kind: "unreachable" } });
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
    this.#view = { link: { kind: "connecting" }, alarm: null, member, verified, seen, ...NO_PAGES };
    this.#album = new Album(
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
        this.#failed(error);
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
  }

  /** Show the newest day that is not shown yet. */
  async loadEarlier(): Promise<void> {
    try {
      if (this.#session !== null) await this.#album.loadEarlier(this.#session);
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
  async fetchClip(clip: number, stopped: AbortSignal, as: "clip" | "export" = "clip"): Promise<HandedOut> {
    const { body } = await this.ask({ type: as, clip });
    const response = await fetch(`/sealed/${body.ticket}`, { signal: stopped, cache: "no-store" }).catch(
      (error: unknown) => {
        throw new Unreachable("the recording could not be fetched", { cause: error });
      },
    );
    // The server's word is no proof that it gave way: asked again, the door says so, signed.
    if (response.status === 410) throw new CutShort("the recording did not come");
    if (!response.ok) throw new Unreachable(`the recording could not be fetched (${response.status})`);
    return { response, size: body.bytes };
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

  /** Read the whole record and every day again, and compare. Throws RecordBroken, Refused, TrustError, Unreachable. */
  async reread(): Promise<void> {
    const session = this.#session;
    if (session === null) throw new Unreachable("the door is not reachable");
    try {
      const verified = await readAgain(session, this.#view.member.born, this.#view.verified, this.epochs);
      await this.store.keep(verified, new Map());
      this.#publish({ verified });
      await this.#album.loadAll(session);
      // What began or gave way while the days were listed.
      await this.#update();
    } catch (error) {
      if (error instanceof TrustError) this.#failed(error);
      throw error;
    }
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
    const channel = await Channel.open(this.#url, (signed) => void this.#noticed(signed));
    let polling: ReturnType<typeof setInterval> | undefined;
    try {
      if (!equal((await hello(channel)).born, member.born))
        throw new RecordBroken(0, "is not the one that this reader knows: another door answers here");
      const session = new Session(channel, verified.chain.roster, member.keys.sign, signerOf(member.keys), () => {
        this.#heard();
      });
      this.#session = session;
      await session.ask({ type: "watch" }, this.#head);
      await this.#update();
      if (await this.#given.fetch(this.ask)) await this.#useGrants(session);
      else await this.#album.loadNewest(session);
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
    await this.#album.loadNewest(session);
  }

  #poll(session: Session): void {
    session
      .ask({ type: "head" }, this.#head)
      .then(({ head }) => (head.seq > this.#view.verified.chain.head.seq ? this.#update() : undefined))
      .catch((error: unknown) => {
        this.#failed(error);
      });
  }

  async #noticed(signed: Bytes): Promise<void> {
    try {
      const { chain } = this.#view.verified;
      const said = await verify(chain.roster.device, "notice", signed, notice);
      // An old notice may be shown again by whoever relays it; it moves nothing.
      if (equal(said.door, chain.roster.door) && said.head.seq > chain.head.seq) await this.#update();
    } catch (error) {
      this.#failed(error);
    }
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
      await this.#album.loadChanged(session, before);
      void this.#seek(session);
      if (verified.facts.grants > before.facts.grants && (await this.#given.fetch(this.ask)))
        await this.#useGrants(session);
    }
  }

  /** Say what is missing, once it was looked for twice. */
  async #seek(session: Session): Promise<void> {
    if (this.#seeking || !this.#album.isUnsettled()) return;
    this.#seeking = true;
    try {
      await pause(SETTLE_MS, this.#wake.signal);
      await this.#album.lookAgain(session);
      // What gave way meanwhile has its line before it goes.
      await this.#update();
      if (session === this.#session) this.#album.settle();
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
    else if (error instanceof Refused && error.code === "unknown_reader") this.#publish({ link: { kind: "stranger" } });
    else if (error instanceof Unreachable || error instanceof Refused) {
      // Whether the door is gone or merely blinked, the missing head will tell.
      if (this.#view.link.kind === "live") this.#publish({ link: { kind: "connecting" } });
    } else throw error;
  }

  #publish(news: Partial<View>): void {
    this.#view = { ...this.#view, ...news };
    this.#changed(this.#view);
  }
}
