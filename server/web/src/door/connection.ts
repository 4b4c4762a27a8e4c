// The connection to the door, kept: made, found to be with our door, and made again when it is gone.
//
//     connect → born line is ours → what is to be said at its beginning → each ten seconds what is due → gone → a pause → connect

import { type Bytes, equal } from "../format/bytes.ts";
import { Unreachable } from "../format/unreachable.ts";
import { signerOf } from "../keys/reader.ts";
import type { Member } from "../keys/store.ts";
import { RecordBroken } from "../trust/errors.ts";
import type { Roster } from "../trust/roster.ts";
import { Channel, type Told } from "./channel.ts";
import { pause, waits } from "./patience.ts";
import { HEAD_MS, Pulse } from "./pulse.ts";
import { Session, hello } from "./session.ts";

/** Who is told what becomes of it. */
export interface Listener {
  /** Something signed was heard. */
  readonly heard: () => void;
  /** Nothing signed was heard in time. */
  readonly missed: () => void;
  /** It is with our door; what this throws ends it. */
  readonly begun: (session: Session) => Promise<void>;
  /** So long after the last time, something is to be asked. */
  readonly due: (session: Session) => void;
  readonly told: (told: Told) => void;
  /** A sealed picture came. */
  readonly frame: (frame: Bytes) => void;
  /** Why it could not be made, or ended. */
  readonly failed: (error: unknown) => void;
}

export class Connection {
  readonly #url: string;
  readonly #who: () => { readonly member: Member; readonly roster: Roster };
  readonly #listener: Listener;
  readonly #pulse: Pulse;
  #channel: Channel | null = null;
  #session: Session | null = null;
  #stopped = false;
  #wake = new AbortController();

  constructor(url: string, who: () => { readonly member: Member; readonly roster: Roster }, listener: Listener) {
    this.#url = url;
    this.#who = who;
    this.#listener = listener;
    this.#pulse = new Pulse(listener.missed);
  }

  /** Null while there is none. */
  get session(): Session | null {
    return this.#session;
  }

  /** Fires when waiting has no use any more. */
  get woken(): AbortSignal {
    return this.#wake.signal;
  }

  /** Take a sealed moment of a voice to the door at once, or drop it. */
  say(frame: Bytes): void {
    this.#channel?.say(frame);
  }

  /** Keep connected until `stop`. */
  async run(): Promise<void> {
    this.#pulse.expect();
    for (const wait of waits(() => this.#pulse.takeAnswered())) {
      try {
        await this.#connected();
      } catch (error) {
        if (!this.#isStopped()) this.#listener.failed(error);
      }
      this.#session = null;
      if (this.#isStopped()) return;
      this.#wake = new AbortController();
      await pause(wait, this.#wake.signal);
    }
  }

  /** Look now: do not wait for the next try, nor for what is due. */
  wake(): void {
    this.#wake.abort();
    this.hurry();
  }

  /** Ask now what is due. */
  hurry(): void {
    if (this.#session !== null) this.#listener.due(this.#session);
  }

  stop(): void {
    this.#stopped = true;
    this.#session = null;
    this.#pulse.stop();
    this.#wake.abort();
    this.#channel?.close();
  }

  /** Whether it was stopped meanwhile: no compiler can know. */
  #isStopped(): boolean {
    return this.#stopped;
  }

  async #connected(): Promise<void> {
    const { begun, due, told, frame, heard } = this.#listener;
    const channel = await Channel.open(this.#url, told, frame);
    this.#channel = channel;
    let polling: ReturnType<typeof setInterval> | undefined;
    try {
      if (this.#stopped) return;
      const { member, roster } = this.#who();
      if (!equal((await hello(channel)).born, member.born))
        throw new RecordBroken(0, "is not the one that this reader knows: another door answers here");
      const session = new Session(channel, roster, member.keys.sign, signerOf(member.keys), () => {
        this.#pulse.heard();
        heard();
      });
      this.#session = session;
      await begun(session);
      polling = setInterval(() => {
        due(session);
      }, HEAD_MS);
      await channel.closed;
      throw new Unreachable("the connection to the door was closed");
    } finally {
      clearInterval(polling);
      channel.close();
    }
  }
}
