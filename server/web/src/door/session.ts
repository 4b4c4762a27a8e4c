// Signed commands and signed replies, one after the other on one channel.
//
//     hello → nonce → command(nonce) → reply(next nonce) → command(next nonce) → …
//
// A reply counts only if the device signed it, for this door, over the hash of the very command, with a head that does not lie
// before the one that the command named. A server that swallows a command cannot claim success.
//
// Source: docs/FORMAT.md, "Door messages".

import { type Bytes, equal, sha256, toBase64 } from "../format/bytes.ts";
import { FormatError } from "../format/json.ts";
import type { Head } from "../format/lines.ts";
import {
  ANSWERS,
  type Answers,
  type Code,
  type CommandBody,
  type Reply,
  type ReplyBody,
  reply as replyForm,
} from "../format/messages.ts";
import { RecordBroken, TrustError } from "../trust/errors.ts";
import type { Roster } from "../trust/roster.ts";
import { type Signer, sign, verify } from "../trust/signed.ts";
import { type Channel } from "./channel.ts";
import { Unreachable } from "../format/unreachable.ts";

/** A nonce lives for 60 s; this leaves the way to the door and back. */
const NONCE_MS = 45_000;

type Answer<T extends CommandBody["type"]> = Extract<ReplyBody, { type: Answers[T] }>;

/** The door said no. `signed` tells whether the device itself said so, or merely somebody on the way. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: Code;
  readonly signed: boolean;

  constructor(code: Code, sentence: string, signed: boolean) {
    super(sentence);
    this.code = code;
    this.signed = signed;
  }
}

/** This reader was removed, or turned away; `word` is the door’s, to be read by `readFarewell`. */
export class Parted extends Refused {
  readonly word: Bytes;

  constructor(word: Bytes) {
    super("unknown_reader", "this reader does not belong to the household", true);
    this.word = word;
  }
}

export interface Answered<T extends CommandBody["type"]> {
  readonly body: Answer<T>;
  readonly head: Head;
}

/** Asks the door something, naming the newest verified head. */
export type Ask = <B extends CommandBody>(body: B) => Promise<Answered<B["type"]>>;

/** Line 0 as the door on this channel tells it, and a nonce; both unproven. */
export async function hello(channel: Channel): Promise<{ readonly born: Bytes; readonly nonce: Bytes }> {
  const answer = await channel.request({ type: "hello" });
  if (answer.type === "error") throw new Refused(answer.code, answer.sentence, false);
  if (answer.type !== "hello") throw new Unreachable("the door answered something else");
  return answer;
}

export class Session {
  readonly #channel: Channel;
  readonly #roster: Pick<Roster, "door" | "device">;
  readonly #reader: Bytes;
  readonly #signer: Signer;
  readonly #heard: () => void;
  #heardUtc = "";
  #heardMs = 0;
  #nonce: { readonly value: Bytes; readonly at: number } | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  /** `heard` is called at each reply that counts. */
  constructor(
    channel: Channel,
    roster: Pick<Roster, "door" | "device">,
    reader: Bytes,
    signer: Signer,
    heard: () => void = () => undefined,
  ) {
    this.#channel = channel;
    this.#roster = roster;
    this.#reader = reader;
    this.#signer = signer;
    this.#heard = heard;
  }

  /** The door's time by its last signed reply; empty before the first. */
  get heardUtc(): string {
    return this.#heardUtc;
  }

  /** The door's time at this moment, in ms since 1970, as far as its last signed reply tells; null before the first. */
  get doorMs(): number | null {
    return this.#heardUtc === "" ? null : Date.parse(this.#heardUtc) + performance.now() - this.#heardMs;
  }

  /** The door's answer. `head` is the last verified one, asked for when the command's turn has come. Throws Refused, TrustError, Unreachable. */
  ask<B extends CommandBody>(body: B, head: () => Head): Promise<Answered<B["type"]>> {
    const turn = this.#queue.then(() => this.#ask(body, head()));
    // A failed command must not stop the next one's turn; who asked hears of it.
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #ask<B extends CommandBody>(body: B, head: Head): Promise<Answered<B["type"]>> {
    try {
      return await this.#once(body, head);
    } catch (error) {
      // The device restarted, or the computer slept: its nonces are new. Anything else is not worth a second try.
      if (!(error instanceof Refused) || error.code !== "bad_nonce") throw error;
      this.#nonce = null;
      return this.#once(body, head);
    }
  }

  async #once<B extends CommandBody>(body: B, head: Head): Promise<Answered<B["type"]>> {
    const nonce = await this.#takeNonce();
    const { door, device } = this.#roster;
    const command = await sign(this.#signer, "command", { door, nonce, head: { ...head }, reader: this.#reader, body });
    const answer = await this.#channel.request({ type: "command", signed: toBase64(command) });
    if (answer.type === "error") throw new Refused(answer.code, answer.sentence, false);
    if (answer.type === "farewell") throw new Parted(answer.signed);
    if (answer.type !== "reply") throw new Unreachable("the door answered something else");
    const reply = await readReply(answer.signed, command, head, { door, device });
    this.#nonce = { value: reply.nonce, at: performance.now() };
    [this.#heardUtc, this.#heardMs] = [reply.at_utc, performance.now()];
    this.#heard();
    if (reply.body.type === "refused") throw new Refused(reply.body.code, reply.body.sentence, true);
    if (reply.body.type !== ANSWERS[body.type]) throw new TrustError("the door answered another question");
    return { body: reply.body as Answer<B["type"]>, head: reply.head };
  }

  async #takeNonce(): Promise<Bytes> {
    const kept = this.#nonce;
    this.#nonce = null;
    if (kept !== null && performance.now() - kept.at < NONCE_MS) return kept.value;
    return (await hello(this.#channel)).nonce;
  }
}

/** The reply to `command`, once everything that makes it count was checked. Throws TrustError. */
export async function readReply(
  signed: Bytes,
  command: Bytes,
  head: Head,
  { door, device }: Pick<Roster, "door" | "device">,
): Promise<Reply> {
  let reply: Reply;
  try {
    reply = await verify(device, "reply", signed, replyForm);
  } catch (error) {
    if (error instanceof FormatError)
      throw new TrustError("the door’s reply has a form that this page does not know", { cause: error });
    throw error;
  }
  if (!equal(reply.door, door)) throw new TrustError("another door replied");
  if (!equal(reply.command, sha256(command))) throw new TrustError("the reply is to another command");
  const refusedHead = reply.body.type === "refused" && reply.body.code === "unknown_head";
  if (refusedHead) throw new RecordBroken(head.seq, "is not in the record that the door shows today");
  if (reply.head.seq < head.seq) throw new RecordBroken(reply.head.seq + 1, "and what followed it are gone");
  if (reply.head.seq === head.seq && !equal(reply.head.hash, head.hash))
    throw new RecordBroken(head.seq, "is not the one that was there before");
  return reply;
}
