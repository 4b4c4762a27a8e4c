// Door messages: what this page and the device say to each other through the server.
//
// Source: docs/FORMAT.md, "Door messages".

import {
  type Parsed,
  blob,
  boolean,
  count,
  day,
  list,
  moment,
  nullable,
  object,
  oneOf,
  string,
  tagged,
} from "./json.ts";
import { head } from "./lines.ts";

export const MAX_DOWN_LETTERS = 131_072;

const digest = blob(32);
const id = count();

export const code = oneOf(
  "bad_message",
  "wrong_door",
  "bad_nonce",
  "bad_signature",
  "unknown_reader",
  "unknown_head",
  "bad_admission",
  "already_added",
  "roster_full",
  "no_such_clip",
  "not_ready",
  "storage",
);
export type Code = Parsed<typeof code>;

export const down = tagged({
  hello: { id, born: blob(), nonce: digest },
  reply: { id, signed: blob() },
  notice: { signed: blob() },
  error: { id: nullable(id), code, sentence: string() },
});
export type Down = Parsed<typeof down>;

export const replyBody = tagged({
  admitted: { seq: count() },
  head: {},
  watching: {},
  ledger: { from: count(), lines: list(blob()), more: boolean },
  epochs: { epochs: list(object({ epoch: count(), file: blob() })), more: boolean },
  days: { days: list(object({ day, clips: count() })) },
  day: {
    day,
    events: list(object({ clip: count(), event: nullable(blob()), begun: nullable(blob()) })),
    more: boolean,
  },
  ticket: { ticket: string(/^[A-Za-z0-9_-]{43}$/), bytes: count(), expires_s: count() },
  refused: { code, sentence: string() },
});
export type ReplyBody = Parsed<typeof replyBody>;

export const reply = object({ door: digest, command: digest, nonce: digest, head, at_utc: moment, body: replyBody });
export type Reply = Parsed<typeof reply>;

export const notice = object({ door: digest, head, at_utc: moment });
export type Notice = Parsed<typeof notice>;

export type CommandBody =
  | { readonly type: "admit"; readonly admission: Uint8Array }
  | { readonly type: "head" }
  | { readonly type: "watch" }
  | { readonly type: "ledger"; readonly from: number }
  | { readonly type: "epochs"; readonly from: number }
  | { readonly type: "days" }
  | { readonly type: "day"; readonly day: string; readonly after: number }
  | { readonly type: "clip"; readonly clip: number };

/** Which reply body answers which command, besides `refused`. */
export interface Answers {
  admit: "admitted";
  head: "head";
  watch: "watching";
  ledger: "ledger";
  epochs: "epochs";
  days: "days";
  day: "day";
  clip: "ticket";
}
export const ANSWERS: Answers = {
  admit: "admitted",
  head: "head",
  watch: "watching",
  ledger: "ledger",
  epochs: "epochs",
  days: "days",
  day: "day",
  clip: "ticket",
};
