// Door messages: what this page and the device say to each other through the server.
//
// Source: docs/FORMAT.md, "Door messages".

import {
  type Parsed,
  type Written,
  blob,
  boolean,
  count,
  day,
  list,
  moment,
  nullable,
  number,
  object,
  oneOf,
  string,
  tagged,
} from "./json.ts";
import { type Change, head } from "./lines.ts";
import { corner, masks } from "./masks.ts";

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
  "bad_change",
  "bad_label",
  "already_added",
  "roster_full",
  "no_such_reader",
  "no_such_subject",
  "second_reader",
  "invite_dead",
  "not_allowed",
  "bad_settings",
  "changed_meanwhile",
  "no_such_clip",
  "not_ready",
  "storage",
  "allowance_spent",
  "no_such_ring",
  "waiting",
  "busy",
);
export type Code = Parsed<typeof code>;

export const down = tagged({
  hello: { id, born: blob(), nonce: digest },
  reply: { id, signed: blob() },
  notice: { signed: blob() },
  live_key: { signed: blob() },
  ring: { sealed: blob() },
  farewell: { id: nullable(id), signed: blob() },
  error: { id: nullable(id), code, sentence: string() },
});
export type Down = Parsed<typeof down>;

const clockTime = string(/^([01]\d|2[0-3]):[0-5]\d$/);
const hours = list(object({ days: list(count()), from: clockTime, to: clockTime }));
export const settings = object({
  zones: list(object({ name: string(), points: list(corner), sensitivity: number(0, 100), ignored: boolean })),
  masks,
  quiet: hours,
  snoozed_until_utc: nullable(moment),
  privacy: boolean,
  hush: object({ hours, until_utc: nullable(moment) }),
  silent: list(digest),
});

export type Settings = Parsed<typeof settings>;

export const replyBody = tagged({
  changed: { seq: count() },
  noted: {},
  head: { conditions: nullable(blob()) },
  watching: { speaks: boolean, listens: boolean },
  ledger: { from: count(), lines: list(blob()), more: boolean },
  epochs: { epochs: list(object({ epoch: count(), file: blob() })), more: boolean },
  days: { days: list(object({ day, clips: count() })), more: boolean },
  day: {
    day,
    events: list(object({ clip: count(), event: nullable(blob()), begun: nullable(blob()) })),
    more: boolean,
  },
  headers: { headers: list(object({ clip: count(), header: blob() })) },
  granted: { number: count() },
  grants: { grants: list(object({ number: count(), file: blob() })), more: boolean },
  live: { kid: count(), file: blob() },
  talk: { kid: count(), file: blob() },
  settings: { settings },
  authority: { certificate: nullable(blob()) },
  health: { report: nullable(blob()) },
  self_test: { from: count(), piece: blob(), more: boolean },
  ticket: { ticket: string(/^[A-Za-z0-9_-]{43}$/), bytes: count(), expires_s: count() },
  refused: { code, sentence: string() },
});
export type ReplyBody = Parsed<typeof replyBody>;

export const reply = object({ door: digest, command: digest, nonce: digest, head, at_utc: moment, body: replyBody });
export type Reply = Parsed<typeof reply>;

export const notice = object({ door: digest, head, at_utc: moment });
export type Notice = Parsed<typeof notice>;

export const farewell = object({
  door: digest,
  reader: digest,
  removal: blob(),
  label: nullable(string()),
  at_utc: nullable(moment),
});

export type CommandBody =
  | { readonly type: "change"; readonly line: Change }
  | { readonly type: "head" }
  | { readonly type: "watch" }
  | { readonly type: "ledger"; readonly from: number }
  | { readonly type: "epochs"; readonly from: number }
  | { readonly type: "days"; readonly before: string | null }
  | { readonly type: "day"; readonly day: string; readonly after: number }
  | { readonly type: "clip"; readonly clip: number }
  | { readonly type: "export"; readonly clip: number }
  | { readonly type: "headers"; readonly clips: readonly number[] }
  | { readonly type: "grant"; readonly to: Uint8Array; readonly clips: number; readonly file: Uint8Array }
  | { readonly type: "grants"; readonly from: number }
  | { readonly type: "drilled" }
  | { readonly type: "answer"; readonly ring: number }
  | { readonly type: "settings" }
  | { readonly type: "set"; readonly settings: Written }
  | { readonly type: "authority" }
  | { readonly type: "health"; readonly opened: Uint8Array | null }
  | { readonly type: "self_test"; readonly from: number }
  | { readonly type: "time"; readonly at_utc: string }
  | { readonly type: "live" }
  | { readonly type: "live_end" }
  | { readonly type: "talk"; readonly recorded: boolean }
  | { readonly type: "talk_end"; readonly kid: number };

/** Which reply body answers which command, besides `refused`. */
export interface Answers {
  change: "changed";
  head: "head";
  watch: "watching";
  ledger: "ledger";
  epochs: "epochs";
  days: "days";
  day: "day";
  clip: "ticket";
  export: "ticket";
  headers: "headers";
  grant: "granted";
  grants: "grants";
  drilled: "noted";
  answer: "noted";
  settings: "settings";
  set: "noted";
  authority: "authority";
  health: "health";
  self_test: "self_test";
  time: "noted";
  live: "live";
  live_end: "noted";
  talk: "talk";
  talk_end: "noted";
}
export const ANSWERS: Answers = {
  change: "changed",
  head: "head",
  watch: "watching",
  ledger: "ledger",
  epochs: "epochs",
  days: "days",
  day: "day",
  clip: "ticket",
  export: "ticket",
  headers: "headers",
  grant: "granted",
  grants: "grants",
  drilled: "noted",
  answer: "noted",
  settings: "settings",
  set: "noted",
  authority: "authority",
  health: "health",
  self_test: "self_test",
  time: "noted",
  live: "live",
  live_end: "noted",
  talk: "talk",
  talk_end: "noted",
};
