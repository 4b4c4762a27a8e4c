// What keeps the door from seeing, recording, hearing or being heard at the moment of its answer.
//
// Source: docs/FORMAT.md, "Conditions".

import { type Bytes, utf8 } from "./bytes.ts";
import { FormatError, type Parsed, blob, list, moment, nullable, object, oneOf, parse } from "./json.ts";

export const CONDITIONS_METADATA = utf8("doorward/v1/conditions\n");
const SIZE_BYTES = 2560;

const condition = object({
  kind: oneOf(
    "camera",
    "settings",
    "disk",
    "stuck",
    "blind",
    "self_test",
    "power",
    "button",
    "chime",
    "loudspeaker",
    "microphone",
    "heat",
    "clock",
    "privacy",
    "snoozed",
    "quiet",
    "hushed",
    "hush",
  ),
  since_utc: nullable(moment),
  until_utc: nullable(moment),
  by: nullable(blob(32)),
});
export type Condition = Parsed<typeof condition>;

/** The conditions that a plaintext is the one padded text of, the gravest first. Throws FormatError. */
export function parseConditions(plaintext: Bytes): readonly Condition[] {
  if (plaintext.length !== SIZE_BYTES) throw new FormatError("conditions: padded to another length");
  let end = plaintext.length;
  while (plaintext[end - 1] === 0x20) end -= 1;
  return parse(plaintext.subarray(0, end), list(condition), "conditions");
}
