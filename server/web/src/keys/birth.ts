// Keys that are proven before anybody relies on them: kept, read back, and used once.

import { Encrypter } from "age-encryption";

import { EMPTY } from "../format/bytes.ts";
import { openWhole } from "../sealing/stream.ts";
import { BrowserTooOld, type Keys, hasNativeMlkem, identityOf, makeKeys } from "./reader.ts";

/** Where keys can be kept and read back. */
export interface Keeper {
  roundTrip(keys: Keys): Promise<Keys>;
}

/** New keys that were kept, read back and opened something. Throws BrowserTooOld. */
export async function provenKeys(keeper: Keeper): Promise<Keys> {
  if (hasNativeMlkem()) {
    try {
      return await proven(keeper, await makeKeys({ curve: "X25519", native: true }));
    } catch (error) {
      // ML-KEM keys are new: a browser that has them may still not be able to keep them. The wrapped form works everywhere.
      console.warn("native ML-KEM keys do not last here", error);
    }
  }
  const keys = await makeKeys({ curve: "X25519", native: false });
  try {
    return await proven(keeper, keys);
  } catch (error) {
    throw new BrowserTooOld(
      "This browser does not keep keys. In a private window nothing is kept: please use an ordinary one.",
      { cause: error },
    );
  }
}

async function proven(keeper: Keeper, keys: Keys): Promise<Keys> {
  const kept = await keeper.roundTrip(keys);
  const encrypter = new Encrypter();
  encrypter.addRecipient(keys.recipient);
  await openWhole(await encrypter.encrypt(EMPTY), identityOf(kept));
  return kept;
}
