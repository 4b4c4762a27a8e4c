// How the door is, thing by thing, at the moment of its answer.
//
// Source: docs/FORMAT.md, "Health".

import { type Bytes, utf8 } from "./bytes.ts";
import {
  FormatError,
  type Parsed,
  blob,
  boolean,
  list,
  moment,
  nullable,
  object,
  oneOf,
  parse,
  string,
} from "./json.ts";

export const HEALTH_METADATA = utf8("doorward/v1/health\n");
const SIZE_BYTES = 8192;

const finding = object({
  subject: string(),
  level: oneOf("ok", "unknown", "warning", "fault"),
  says: string(),
  do: string(),
});
export type Finding = Parsed<typeof finding>;

const report = object({
  at_utc: moment,
  findings: list(finding),
  film: nullable(object({ sha256: blob(32), opened: boolean })),
});
export type Report = Parsed<typeof report>;

/** The report that a plaintext is the one padded text of. Throws FormatError. */
export function parseReport(plaintext: Bytes): Report {
  if (plaintext.length !== SIZE_BYTES) throw new FormatError("health: padded to another length");
  let end = plaintext.length;
  while (plaintext[end - 1] === 0x20) end -= 1;
  return parse(plaintext.subarray(0, end), report, "health");
}
