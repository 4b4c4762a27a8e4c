// Files that are sealed as the door seals them, for one reader.

import { Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";

import { type Bytes, bytes } from "../src/format/bytes.ts";
import { headerEnd } from "../src/sealing/header.ts";

export const CHUNK = 65_536;
export const identity = await generateHybridIdentity();

export const plain = (size: number): Bytes => new Uint8Array(size).map((_, i) => (i * 31) % 251);

export async function seal(plaintext: Bytes, recipient?: string): Promise<Bytes> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient ?? (await identityToRecipient(identity)));
  return bytes(await encrypter.encrypt(plaintext));
}

export const payloadStart = (file: Bytes): number => (headerEnd(file) ?? 0) + 16;
