// A channel for tests, with a device at its end.

import { type Bytes, fromBase64, sha256, text } from "../src/format/bytes.ts";
import type { Encodable } from "../src/format/json.ts";
import type { Door } from "./door.ts";

export interface Command {
  nonce: string;
  reader: string;
  body: { type: string; from?: number; line?: { type: string; admission: string } };
}

/** Answers like a device; `tamper` is whoever stands in between. */
export class FakeChannel {
  readonly door: Door;
  readonly commands: Command[] = [];
  tamper: (payload: Record<string, Encodable>) => Record<string, Encodable> = (payload) => payload;
  answer: (command: Command) => Encodable = () => ({ type: "head", conditions: null });
  #nonces = 0;

  constructor(door: Door) {
    this.door = door;
  }

  nonce(): Bytes {
    return new Uint8Array(32).fill(++this.#nonces);
  }

  async request(message: { type: string; signed?: string }): Promise<unknown> {
    if (message.signed === undefined) return { type: "hello", born: this.door.lines[0], nonce: this.nonce() };
    const command = fromBase64(message.signed);
    const claim = JSON.parse(text(command.slice(64))) as Command;
    this.commands.push(claim);
    const { seq, hash } = this.door.head;
    const payload = {
      door: this.door.id,
      command: sha256(command),
      nonce: this.nonce(),
      head: { seq, hash },
      at_utc: "2026-11-23T12:00:00Z",
      body: this.answer(claim),
    };
    return { type: "reply", signed: await this.door.signed("reply", this.tamper(payload)) };
  }
}
