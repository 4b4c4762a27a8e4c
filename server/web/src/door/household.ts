// The household as this page sees it: keeps the connection, the verified record and the loaded clips, and tells the page of each change.
//
//     connect → born line is ours → watch → catch up → days → events;   then on each notice: catch up → what changed
//     every 15 s a signed head, or the door counts as not reachable
//
// One `Household` a page. All that it publishes is plain data.

import { type Bytes, equal } from "../format/bytes.ts";
import type { Parsed } from "../format/json.ts";
import { notice, type replyBody } from "../format/messages.ts";
import { identityOf, signerOf } from "../keys/reader.ts";
import type { Member, Store, Verified } from "../keys/store.ts";
import type { Expected } from "../play/genuine.ts";
import { Epochs } from "../sealing/epochs.ts";
import { RecordBroken, TrustError } from "../trust/errors.ts";
import { keysAt } from "../trust/roster.ts";
import { verify } from "../trust/signed.ts";
import { Channel, Unreachable } from "./channel.ts";
import { type Clip, readClip } from "./clips.ts";
import { pause, waits } from "./patience.ts";
import { Refused, Session, hello } from "./session.ts";
import { catchUp } from "./sync.ts";

const HEAD_MS = 15_000;
/** A signed head is due each 15 s; this much later the door counts as gone. */
const GRACE_MS = 4_000;
/** So many clips are shown at first; older days come when asked for. */
const FIRST_CLIPS = 24;

type Day = Extract<Parsed<typeof replyBody>, { type: "days" }>["days"][number];

export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "unreachable" }
  /** What answers is not signed by the door. */
  | { readonly kind: "interfered" }
  /** Something says, unsigned, that this reader is unknown. */
  | { readonly kind: "stranger" };

export interface View {
  readonly link: Link;
  /** The record was changed, or another door answers: nothing more is asked or shown. */
  readonly alarm: string | null;
  readonly member: Member;
  readonly verified: Verified;
  readonly clips: ReadonlyMap<number, Clip>;
  /** Days of the spool, newest first; null before the first answer. */
  readonly days: readonly Day[] | null;
  readonly loaded: ReadonlySet<string>;
}

export class Household {
  readonly #store: Store;
  readonly #url: string;
  readonly #changed: (view: View) => void;
  readonly #epochs: Epochs;
  #view: View;
  #session: Session | null = null;
  #updating: Promise<void> | null = null;
  #again = false;
  #answered = false;
  #overdue: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  #wake = new AbortController();

  constructor(store: Store, url: string, member: Member, verified: Verified, files: [number, Bytes][], changed: (view: View) => void) {
    this.#store = store;
    this.#url = url;
    this.#changed = changed;
    this.#epochs = new Epochs(identityOf(member.keys), files);
    this.#view = { link: { kind: "connecting" }, alarm: null, member, verified, clips: new Map(), days: null, loaded: new Set() };
  }

  get view(): View {
    return this.#view;
  }

  /** Keep connected until `stop`, or until the record turns out to be broken. */
  async run(): Promise<void> {
    this.#expectHead();
    for (const wait of waits(() => this.#answered)) {
      this.#answered = false;
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
    clearTimeout(this.#overdue);
    this.#wake.abort();
  }

  /** Load the newest day that is not loaded yet. Throws Refused, TrustError, Unreachable. */
  async loadEarlier(): Promise<void> {
    const day = this.#view.days?.find((candidate) => !this.#view.loaded.has(candidate.day));
    if (day !== undefined && this.#session !== null) await this.#loadDay(this.#session, day.day, 0);
  }

  /** The sealed bytes of a clip, and what has to hold for them. The door writes down that we asked. */
  async fetchClip(clip: number, stopped: AbortSignal): Promise<Response> {
    if (this.#session === null) throw new Unreachable("the door is not reachable");
    const { body } = await this.#session.ask({ type: "clip", clip }, () => this.#view.verified.chain.head);
    const response = await fetch(`/sealed/${body.ticket}`, { signal: stopped, cache: "no-store" }).catch((error: unknown) => {
      throw new Unreachable("the recording could not be fetched", { cause: error });
    });
    if (!response.ok) throw new Unreachable(`the recording could not be fetched (${response.status})`);
    return response;
  }

  expected(clip: Extract<Clip, { statement: unknown }>): Expected {
    const { chain, facts } = this.#view.verified;
    return { statement: clip.statement, facts: facts.clips.get(clip.number), keys: (seq) => keysAt(chain.roster, seq) };
  }

  async #connected(): Promise<void> {
    const { member, verified } = this.#view;
    const channel = await Channel.open(this.#url, (signed) => void this.#noticed(signed));
    let polling: ReturnType<typeof setInterval> | undefined;
    try {
      if (!equal((await hello(channel)).born, member.born)) throw new RecordBroken(0, "is not the one that this reader knows: another door answers here");
      const session = new Session(channel, verified.chain.roster, member.keys.sign, signerOf(member.keys), () => {
        this.#heard();
      });
      this.#session = session;
      await session.ask({ type: "watch" }, () => this.#view.verified.chain.head);
      await this.#update();
      await this.#loadNewest(session);
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

  #poll(session: Session): void {
    session
      .ask({ type: "head" }, () => this.#view.verified.chain.head)
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
      const { verified, files } = await catchUp(session, this.#view.member.keys.sign, before, this.#epochs);
      await this.#store.keep(verified, files);
      const clips = new Map([...this.#view.clips].filter(([clip]) => verified.facts.clips.has(clip) || !before.facts.clips.has(clip)));
      this.#publish({ verified, clips });
      if (this.#view.days !== null) await this.#loadChanged(session, before, verified);
    }
  }

  async #loadNewest(session: Session): Promise<void> {
    const { body } = await session.ask({ type: "days" }, () => this.#view.verified.chain.head);
    // What was loaded before the connection broke may have changed since: it is loaded again.
    const again = this.#view.loaded;
    this.#publish({ days: body.days });
    let shown = 0;
    for (const { day, clips } of body.days) {
      if (shown >= FIRST_CLIPS && !again.has(day)) break;
      await this.#loadDay(session, day, 0);
      shown += clips;
    }
  }

  async #loadChanged(session: Session, before: Verified, after: Verified): Promise<void> {
    const from = new Map<string, number>();
    for (const [clip, facts] of after.facts.clips) {
      if (before.facts.clips.get(clip) === facts) continue;
      const day = this.#view.clips.get(clip)?.day ?? (facts.begun ?? facts.sealed)?.at_utc.slice(0, 10);
      if (day !== undefined) from.set(day, Math.min(from.get(day) ?? clip, clip));
    }
    const oldest = [...this.#view.loaded].sort()[0] ?? "";
    for (const [day, clip] of from) {
      if (day < oldest) continue;
      const found = await this.#loadDay(session, day, clip - 1);
      // Pre-roll may have put the first frame before midnight.
      if (!found) await this.#loadDay(session, dayBefore(day), clip - 1);
    }
  }

  async #loadDay(session: Session, day: string, after: number): Promise<boolean> {
    const clips: Clip[] = [];
    for (let from = after; ; ) {
      const { body } = await session.ask({ type: "day", day, after: from }, () => this.#view.verified.chain.head);
      for (const event of body.events) clips.push(await readClip(day, event, this.#epochs, this.#view.verified.chain.roster));
      const last = body.events.at(-1);
      if (!body.more || last === undefined || last.clip <= from) break;
      from = last.clip;
    }
    const all = new Map(this.#view.clips);
    for (const clip of clips) all.set(clip.number, clip);
    this.#publish({ clips: all, loaded: new Set([...this.#view.loaded, day]) });
    return clips.length > 0;
  }

  #heard(): void {
    this.#answered = true;
    this.#expectHead();
    if (this.#view.link.kind !== "live") this.#publish({ link: { kind: "live" } });
  }

  #expectHead(): void {
    clearTimeout(this.#overdue);
    this.#overdue = setTimeout(() => {
      // A page out of sight is not allowed to ask in time; `wake` asks when it is back.
      if (!document.hidden) this.#publish({ link: { kind: "unreachable" } });
    }, HEAD_MS + GRACE_MS);
  }

  #failed(error: unknown): void {
    if (error instanceof RecordBroken) {
      this.stop();
      this.#session = null;
      this.#publish({ alarm: error.message });
    } else if (error instanceof TrustError) this.#publish({ link: { kind: "interfered" } });
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

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}
