// A tagged age identity (mlkem768p256tag) whose private halves are WebCrypto keys: for browsers that keep no X25519 key.
//
//     encapsulation = ML-KEM-768 ciphertext (1088) || P-256 point (65)
//     shared secret = SHA3-256(ML-KEM secret || P-256 secret || P-256 point || our P-256 public || label)
//     tag           = HKDF-Extract(salt = info, encapsulation || SHA-256(our P-256 public)[:4])[:4]
//
// Both halves are needed to open anything, as with the hybrid. The tag tells whoever knows the recipient what is sealed to it.
//
// Source: c2sp.org/age, "The tagged recipient types"; draft-ietf-hpke-pq, MLKEM768-P256.

import type { Identity, Stanza } from "age-encryption";
import { p256 } from "@noble/curves/nist.js";
import { extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { sha3_256 } from "@noble/hashes/sha3.js";
import { base64nopad, bech32 } from "@scure/base";

import { type Bytes, bytes, concat, equal, utf8 } from "../format/bytes.ts";
import { SealBroken } from "./errors.ts";
import { type Suite, WRAPPED_BYTES, unwrap } from "./hpke.ts";
import { MLKEM_CIPHERTEXT_BYTES } from "./hybrid.ts";

const TAGGED_KIND = "mlkem768p256tag";
const TAG_BYTES = 4;
const POINT_BYTES = 65;
const UNCOMPRESSED = 4;
const LABEL = utf8("MLKEM768-P256");
const SUITE: Suite = { kem: 0x0050, info: utf8("age-encryption.org/mlkem768p256tag") };

/** The two private halves, as functions: ciphertext or public point in, shared secret out. */
export interface TaggedHalves {
  readonly mlkem: (ciphertext: Bytes) => Promise<Bytes>;
  /** The bytes are a point of P-256 in its uncompressed form. */
  readonly p256: (point: Bytes) => Promise<Bytes>;
  /** The public point, uncompressed. */
  readonly p256Public: Bytes;
}

export const taggedRecipient = (mlkemPublic: Bytes, p256Public: Bytes): string =>
  bech32.encode("age1tagpq", bech32.toWords(concat(mlkemPublic, p256Public)), false);

export const isTagged = (recipient: string): boolean => recipient.startsWith("age1tagpq1");

export function taggedIdentity(halves: TaggedHalves): Identity {
  return {
    async unwrapFileKey(stanzas: Stanza[]): Promise<Uint8Array | null> {
      for (const { args, body } of stanzas) {
        if (args[0] !== TAGGED_KIND) continue;
        const [tag, encapsulation] = args.slice(1).map((text) => bytes(base64nopad.decode(text)));
        if (
          args.length !== 3 ||
          tag?.length !== TAG_BYTES ||
          encapsulation?.length !== MLKEM_CIPHERTEXT_BYTES + POINT_BYTES ||
          body.length !== WRAPPED_BYTES
        )
          throw new SealBroken("a stanza for a tagged key is malformed");
        if (!equal(tag, tagOf(encapsulation, halves.p256Public))) continue;
        const key = unwrap(SUITE, await sharedSecret(halves, encapsulation), body);
        // Four bytes of tag are another's too, once in four thousand million.
        if (key !== null) return key;
      }
      return null;
    },
  };
}

const tagOf = (encapsulation: Bytes, point: Bytes): Bytes =>
  bytes(extract(sha256, concat(encapsulation, sha256(point).slice(0, 4)), SUITE.info)).slice(0, TAG_BYTES);

async function sharedSecret(halves: TaggedHalves, encapsulation: Bytes): Promise<Uint8Array> {
  const point = encapsulation.slice(MLKEM_CIPHERTEXT_BYTES);
  if (!isPoint(point)) throw new SealBroken("a stanza for a tagged key has no point of P-256");
  const fromP256 = await halves.p256(point);
  const fromMlkem = await halves.mlkem(encapsulation.slice(0, MLKEM_CIPHERTEXT_BYTES));
  return sha3_256(concat(fromMlkem, fromP256, point, halves.p256Public, LABEL));
}

/**
 * Whether the bytes are a point of P-256, uncompressed. It cannot be left to the browser: WebKitGTK takes points beside the curve and
 * agrees with them, by which whoever makes stanzas could learn the private half, a remainder at a time.
 */
export function isPoint(data: Bytes): boolean {
  if (data.length !== POINT_BYTES || data[0] !== UNCOMPRESSED) return false;
  try {
    p256.Point.fromBytes(data);
    return true;
  } catch {
    return false;
  }
}
