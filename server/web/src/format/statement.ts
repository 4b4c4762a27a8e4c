// The device's signed statement about one clip.
//
// Source: docs/FORMAT.md, "Spool".

import { utf8 } from "./bytes.ts";
import { type Parsed, blob, count, list, moment, nullable, object, oneOf, string } from "./json.ts";
import { masks } from "./masks.ts";

export const EVENT_METADATA = utf8("doorward/v1/event\n");

const digest = nullable(blob(32));

export const statement = object({
  door: blob(32),
  clip: count(),
  state: oneOf("recording", "sealed", "interrupted", "unrecorded"),
  begun_utc: moment,
  duration_ms: count(),
  pre_roll_ms: count(),
  triggers: list(
    object({
      kind: oneOf("ring", "motion"),
      at_ms: count(),
      zone: string(),
      score_permille: count(),
    }),
  ),
  width_px: count(),
  height_px: count(),
  fps: count(),
  // Goes into a media type: nothing but a codec's letters may stand in it. The picture's, and the sound's if there is any. Empty where there is no film.
  codec: string(/^([a-z0-9]+(\.[A-Za-z0-9]+)*(,mp4a\.40\.2)?)?$/),
  masks_sha256: digest,
  roster_seq: count(),
  header_sha256: digest,
  ciphertext_sha256: digest,
  ciphertext_bytes: count(),
  plaintext_sha256: digest,
  plaintext_bytes: count(),
  thumbnail: blob(),
  heat: blob(),
  /** What was painted over; null if the statement does not tell. */
  masks: nullable(masks),
  /** Rings that are not among the triggers: there were too many. */
  more_rings: count(),
});
export type Statement = Parsed<typeof statement>;
