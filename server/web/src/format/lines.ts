// Forms of the ledger: a line, its public body, its private body, a head.
//
// Source: docs/FORMAT.md, "Ledger".

import { type Bytes, bigEndian64, concat, utf8 } from "./bytes.ts";
import { changes, recipient } from "./household.ts";
import {
  FormatError,
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
  parse,
  string,
  tagged,
} from "./json.ts";

export const MAX_LINE_BYTES = 16_384;
export const ORIGIN: Bytes = new Uint8Array(32);

const digest = blob(32);
const key = blob(32);

export const head = object({ seq: count(), hash: digest });
export type Head = Parsed<typeof head>;

export const publicBody = tagged({
  born: { door: string(), device: key, admit: key, open: recipient },
  ...changes,
  epoch: { epoch: count(1), sha256: digest },
});
export type PublicBody = Parsed<typeof publicBody>;
export type Born = Extract<PublicBody, { type: "born" }>;
/** A change of the household. */
export type Change = Exclude<PublicBody, { type: "born" | "epoch" }>;

export const privateBody = tagged({
  dated: { at_utc: moment },
  started: { at_utc: moment, epoch: count() },
  clip_begun: {
    at_utc: moment,
    clip: count(),
    trigger: oneOf("ring", "motion"),
    header_sha256: digest,
    roster_seq: count(),
    left_out: list(key),
  },
  clip_sealed: {
    at_utc: moment,
    clip: count(),
    ciphertext_sha256: nullable(digest),
    ciphertext_bytes: count(),
    state: oneOf("sealed", "interrupted", "unrecorded"),
  },
  clip_handed_out: { at_utc: moment, clip: count(), reader: key },
  clip_exported: { at_utc: moment, clip: count(), reader: key },
  granted: { at_utc: moment, clips: count(), reader: key, to: key },
  live_began: { at_utc: moment, reader: key },
  live_ended: { at_utc: moment, reader: key, watched_s: count() },
  talk_began: { at_utc: moment, reader: key, recorded: boolean },
  talk_ended: { at_utc: moment, reader: key, talked_s: count() },
  rang: { at_utc: moment },
  answered: { at_utc: moment, ring: count(), reader: key },
  settings_changed: {
    at_utc: moment,
    reader: key,
    what: list(string()),
    privacy: boolean,
    snoozed_until_utc: nullable(moment),
  },
  time_told: { at_utc: moment, says_utc: moment, clip: count(), reader: nullable(key) },
  drill_passed: { at_utc: moment, reader: key },
  day_listed: { at_utc: moment, day, after: count(), reader: key },
  clip_deleted: { at_utc: moment, clip: count(), reason: oneOf("age", "size") },
  gap: {
    at_utc: moment,
    reason: oneOf("camera", "overload", "disk", "stuck", "blind", "clock", "picture", "settings", "unfit"),
    from_utc: moment,
  },
  allowance_spent: { at_utc: moment, reader: nullable(key) },
  stopped: { at_utc: moment },
});
export type PrivateBody = Parsed<typeof privateBody>;

export const line = object({ seq: count(), prev: digest, public: nullable(publicBody), private: nullable(blob()) });
export type Line = Parsed<typeof line>;

const PAD_BYTES = 256;

/** The private body that a plaintext is the one padded text of. Throws FormatError. */
export function parsePrivate(plaintext: Bytes, path: string): PrivateBody {
  let end = plaintext.length;
  while (plaintext[end - 1] === 0x20) end -= 1;
  if (plaintext.length !== Math.ceil(end / PAD_BYTES) * PAD_BYTES)
    throw new FormatError(`${path}: padded to another length`);
  return parse(plaintext.subarray(0, end), privateBody, path);
}

/** Associated data that pins a private body to its place in the chain. */
export const privateMetadata = ({ seq, prev }: Line): Bytes =>
  concat(utf8("doorward/v1/line\n"), bigEndian64(BigInt(seq)), prev);
