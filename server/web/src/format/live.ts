// What is seen and said at this moment: a live picture, opened, and the key of it and of a talk.
//
// Source: docs/FORMAT.md, "Live".

import { type Bytes, utf8 } from "./bytes.ts";
import { FormatError, blob, count, object } from "./json.ts";

export const LIVE_METADATA = utf8("doorward/v1/live\n");
export const TALK_METADATA = utf8("doorward/v1/talk\n");
const HEAD_BYTES = 27;
const UNKNOWN_US = 0xffffffff;

/** What the device signs when the live key turned. */
export const liveKeyPayload = object({ door: blob(32), kid: count(), file: blob() });
/** Plaintext of a live key's file. */
export const liveKey = object({ kid: count(), key: blob(32) });

/** What is heard is sealed under the same base key, with a KID so much higher. */
export const SOUND_KID = 1n << 32n;
export const SOUND_METADATA = utf8("doorward/v1/live sound\n");
/** Samples a second. */
export const SOUND_RATE = 16_000;
const SOUND_HEAD_BYTES = 8;
const MOST_SAMPLES = 1_000;

export interface LivePicture {
  readonly stream: number;
  readonly number: bigint;
  /** When it was captured, by the camera's clock. */
  readonly atMs: number;
  /** From then to its sealing; null if the door does not know. */
  readonly cameraMs: number | null;
  /** Empty unless it is a keyframe. */
  readonly init: Bytes;
  readonly fragment: Bytes;
}

/** Throws FormatError. */
export function parsePicture(plaintext: Bytes): LivePicture {
  if (plaintext.length < HEAD_BYTES) throw new FormatError("live: shorter than its head");
  const head = new DataView(plaintext.buffer, plaintext.byteOffset, HEAD_BYTES);
  const initBytes = head.getUint16(25);
  const isKeyframe = head.getUint8(0);
  if (isKeyframe > 1 || isKeyframe !== Number(initBytes > 0))
    throw new FormatError("live: a keyframe has its init segment");
  if (plaintext.length <= HEAD_BYTES + initBytes) throw new FormatError("live: without a fragment");
  const cameraUs = head.getUint32(21);
  return {
    stream: head.getUint32(1),
    number: head.getBigUint64(5),
    atMs: Number(head.getBigInt64(13)) / 1000,
    cameraMs: cameraUs === UNKNOWN_US ? null : cameraUs / 1000,
    init: plaintext.slice(HEAD_BYTES, HEAD_BYTES + initBytes),
    fragment: plaintext.slice(HEAD_BYTES + initBytes),
  };
}

export interface LiveSound {
  /** When its first sample was heard, by the door's clock. */
  readonly atMs: number;
  readonly pcm: Int16Array;
}

/** Throws FormatError. */
export function parseSound(plaintext: Bytes): LiveSound {
  const samples = (plaintext.length - SOUND_HEAD_BYTES) / 2;
  if (!Number.isInteger(samples) || samples < 1 || samples > MOST_SAMPLES)
    throw new FormatError("live: no moment of sound");
  const view = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.length);
  return {
    atMs: Number(view.getBigInt64(0)) / 1000,
    pcm: Int16Array.from({ length: samples }, (_, i) => view.getInt16(SOUND_HEAD_BYTES + 2 * i, true)),
  };
}

/** The name of an init segment's stream for browsers, such as "avc1.42c01f". Throws FormatError. */
export function codecOf(init: Bytes): string {
  for (let at = 0; at + 8 <= init.length; at += 1)
    if (init[at] === 0x61 && init[at + 1] === 0x76 && init[at + 2] === 0x63 && init[at + 3] === 0x43)
      return `avc1.${[...init.subarray(at + 5, at + 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  throw new FormatError("live: an init segment without a codec");
}
