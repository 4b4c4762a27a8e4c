// This reader's keys: born in this browser, never leaving it.
//
// Signing and both opening halves are WebCrypto keys that script can use but not read. One half is ML-KEM-768; where the browser has
// none, or cannot keep such a key, its seed is wrapped by an AES key that script cannot read. The other is X25519, or P-256 where the
// browser keeps no X25519 key (WebKit); it stays unreadable either way, and opening needs both.
//
// Source: FIPS 203; RFC 8032; c2sp.org/age.

import type { Identity } from "age-encryption";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";

import { type Bytes, bytes } from "../format/bytes.ts";
import { hybridIdentity, hybridRecipient } from "../sealing/hybrid.ts";
import { taggedIdentity, taggedRecipient } from "../sealing/tagged.ts";
import type { Signer } from "../trust/signed.ts";

const ED25519 = { name: "Ed25519" };
const X25519 = { name: "X25519" };
const P256 = { name: "ECDH", namedCurve: "P-256" };
const MLKEM = { name: "ML-KEM-768" };
const MLKEM_SEED_BYTES = 64;
const AES = { name: "AES-GCM", length: 256 };
/** WebKitGTK fails to make a key about once in seventy readers, and makes it when asked again. */
const TRIES = 3;

/** WebCrypto's ML-KEM, which TypeScript does not know yet. */
interface Encapsulating {
  decapsulateBits(algorithm: typeof MLKEM, key: CryptoKey, ciphertext: Bytes): Promise<ArrayBuffer>;
}

export type MlkemKey =
  | { readonly kind: "native"; readonly key: CryptoKey }
  | { readonly kind: "wrapped"; readonly wrapping: CryptoKey; readonly iv: Bytes; readonly seed: Bytes };

interface CommonKeys {
  readonly sign: Bytes;
  readonly signing: CryptoKey;
  readonly recipient: string;
  readonly mlkem: MlkemKey;
}

/** What IndexedDB keeps of a reader's keys. */
export type Keys =
  | (CommonKeys & { readonly x25519: CryptoKey; readonly x25519Public: Bytes })
  | (CommonKeys & { readonly p256: CryptoKey; readonly p256Public: Bytes });

/** Which keys a browser keeps: the curve beside ML-KEM-768, and whether that one is a key that script cannot read at all. */
export interface KeyForm {
  readonly curve: "X25519" | "P-256";
  readonly native: boolean;
}

/** This browser cannot keep keys; `message` says so to a person. */
export class BrowserTooOld extends Error {
  override readonly name = "BrowserTooOld";
}

/** New keys. Throws BrowserTooOld. */
export async function makeKeys({ curve, native }: KeyForm): Promise<Keys> {
  try {
    const signing = await pair(ED25519, ["sign", "verify"]);
    const { key: mlkem, publicKey } = native ? await nativeMlkem() : await wrappedMlkem();
    const common = { sign: await rawPublic(signing.publicKey), signing: signing.privateKey, mlkem };
    const made = await pair(curve === "X25519" ? X25519 : P256, ["deriveBits"]);
    const curvePublic = await rawPublic(made.publicKey);
    return curve === "X25519"
      ? {
          ...common,
          recipient: hybridRecipient(publicKey, curvePublic),
          x25519: made.privateKey,
          x25519Public: curvePublic,
        }
      : {
          ...common,
          recipient: taggedRecipient(publicKey, curvePublic),
          p256: made.privateKey,
          p256Public: curvePublic,
        };
  } catch (error) {
    throw new BrowserTooOld(
      "This browser cannot keep the keys that open recordings. Please update it, or use another one.",
      { cause: error },
    );
  }
}

/**
 * The forms of keys to try here, best first. X25519 and ML-KEM are asked about each on its own: a browser that keeps one must not lose
 * it to the other's fault.
 */
export async function keyForms(): Promise<readonly KeyForm[]> {
  const [x25519, native] = await Promise.all([
    keeps(() => pair(X25519, ["deriveBits"])),
    hasNativeMlkem() ? keeps(newMlkem) : false,
  ]);
  const curves = x25519 ? (["X25519", "P-256"] as const) : (["P-256"] as const);
  return curves.flatMap((curve) => (native ? [true, false] : [false]).map((form) => ({ curve, native: form })));
}

/** Whether a copy of such a key is a key: what IndexedDB keeps is a copy, and WebKit has none to make of X25519. */
async function keeps(make: () => Promise<CryptoKeyPair>): Promise<boolean> {
  try {
    return structuredClone((await make()).privateKey) instanceof CryptoKey;
  } catch {
    // It cannot be made or not be copied: either way it is not to be relied on.
    return false;
  }
}

/** Whether this browser has ML-KEM keys of its own. */
export const hasNativeMlkem = (): boolean => "decapsulateBits" in crypto.subtle;

export const signerOf =
  (keys: Keys): Signer =>
  async (message) =>
    new Uint8Array(await crypto.subtle.sign(ED25519, keys.signing, message));

export function identityOf(keys: Keys): Identity {
  const mlkem = (ciphertext: Bytes): Promise<Bytes> => decapsulate(keys.mlkem, ciphertext);
  if ("p256" in keys) {
    const { p256, p256Public } = keys;
    return taggedIdentity({ mlkem, p256Public, p256: (point) => agree(P256, p256, point) });
  }
  const { x25519, x25519Public } = keys;
  return hybridIdentity({
    mlkem,
    x25519Public,
    x25519: (share) => agree(X25519, x25519, share),
  });
}

async function agree(algorithm: { name: string }, key: CryptoKey, share: Bytes): Promise<Bytes> {
  const theirs = await crypto.subtle.importKey("raw", share, algorithm, false, []);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: algorithm.name, public: theirs }, key, 256));
}

async function decapsulate(mlkem: MlkemKey, ciphertext: Bytes): Promise<Bytes> {
  if (mlkem.kind === "native")
    return new Uint8Array(
      await (crypto.subtle as unknown as Encapsulating).decapsulateBits(MLKEM, mlkem.key, ciphertext),
    );
  const seed = new Uint8Array(
    await crypto.subtle.decrypt({ name: AES.name, iv: mlkem.iv }, mlkem.wrapping, mlkem.seed),
  );
  const { secretKey } = ml_kem768.keygen(seed);
  const shared = bytes(ml_kem768.decapsulate(ciphertext, secretKey));
  seed.fill(0);
  secretKey.fill(0);
  return shared;
}

async function nativeMlkem(): Promise<{ key: MlkemKey; publicKey: Bytes }> {
  const made = await newMlkem();
  // "raw-public" and the two usages are newer than TypeScript's lists.
  const publicKey = await crypto.subtle.exportKey("raw-public" as "raw", made.publicKey);
  return { key: { kind: "native", key: made.privateKey }, publicKey: new Uint8Array(publicKey) };
}

async function wrappedMlkem(): Promise<{ key: MlkemKey; publicKey: Bytes }> {
  const seed = crypto.getRandomValues(new Uint8Array(MLKEM_SEED_BYTES));
  const { publicKey, secretKey } = ml_kem768.keygen(seed);
  const wrapping = await again(() => crypto.subtle.generateKey(AES, false, ["encrypt", "decrypt"]));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: AES.name, iv }, wrapping, seed));
  seed.fill(0);
  secretKey.fill(0);
  return { key: { kind: "wrapped", wrapping, iv, seed: sealed }, publicKey: bytes(publicKey) };
}

const newMlkem = (): Promise<CryptoKeyPair> => pair(MLKEM, ["encapsulateBits", "decapsulateBits"]);

const pair = (algorithm: { name: string }, usages: readonly string[]): Promise<CryptoKeyPair> =>
  again(
    async () => (await crypto.subtle.generateKey(algorithm, false, usages as KeyUsage[])) as unknown as CryptoKeyPair,
  );

async function again<T>(make: () => Promise<T>): Promise<T> {
  for (let left = TRIES - 1; ; left -= 1)
    try {
      return await make();
    } catch (error) {
      if (left === 0) throw error;
    }
}

const rawPublic = async (key: CryptoKey): Promise<Bytes> => new Uint8Array(await crypto.subtle.exportKey("raw", key));
