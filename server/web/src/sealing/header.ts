// The header of an age file, as far as this page looks at it itself; typage parses and authenticates it.
//
// Source: c2sp.org/age, "Header".

import type { Identity } from "age-encryption";
import { Decrypter } from "age-encryption";

import { type Bytes, bytes } from "../format/bytes.ts";
import { NotForUs, SealBroken } from "./errors.ts";

/** Some six hundred hybrid stanzas: a bound, so that a hostile header cannot fill the memory. */
export const MAX_HEADER_BYTES = 1 << 20;

const LINE_FEED = 10;
const DASH = 45;

/** Where the header ends (after the line feed of its MAC line), or null while it is not all there. */
export function headerEnd(data: Uint8Array): number | null {
  for (let start = 0; ;) {
    const end = data.indexOf(LINE_FEED, start);
    if (end < 0) return null;
    // Neither a stanza line ("->") nor base64 begins with two dashes.
    if (data[start] === DASH && data[start + 1] === DASH) return end + 1;
    start = end + 1;
  }
}

/** Whatever bytes a forger puts into a header, they are looked at as letters, one each. */
const latin1 = (data: Uint8Array): string => new TextDecoder("latin1").decode(data);

/** How many keys a header is sealed to, of whatever kind: a ghost may have brought one of its own. */
export const stanzaCount = (header: Uint8Array): number => latin1(header).match(/^-> /gm)?.length ?? 0;

/** Who opens: an identity, and the file keys that others gave for files that are not sealed to it. */
export interface Keyring {
  readonly identity: Identity | string;
  readonly given: readonly Bytes[];
}

/** The file key of an authenticated header. Throws NotForUs or SealBroken. */
export async function fileKey(header: Bytes, keyring: Keyring): Promise<Bytes> {
  try {
    return await unwrap(header, keyring.identity);
  } catch (error) {
    if (!(error instanceof NotForUs)) throw error;
    // A given key is a claim: it counts if the header's MAC holds under it.
    for (const key of keyring.given)
      try {
        return await unwrap(header, { unwrapFileKey: () => key });
      } catch (refusal) {
        if (!(refusal instanceof SealBroken)) throw refusal;
      }
    throw error;
  }
}

async function unwrap(header: Bytes, identity: Identity | string): Promise<Bytes> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    return bytes(await decrypter.decryptHeader(header));
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("no identity matched"))
      throw new NotForUs("sealed to other readers", { cause: error });
    throw new SealBroken("the header was changed or is malformed", { cause: error });
  }
}
