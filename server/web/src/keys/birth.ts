// Keys that are proven before anybody relies on them: kept, read back, and used once.

import { Encrypter } from "age-encryption";

import { EMPTY } from "../format/bytes.ts";
import { openWhole } from "../sealing/stream.ts";
import { BrowserTooOld, type Keys, identityOf, keyForms, makeKeys } from "./reader.ts";

/** Where keys can be kept and read back. */
export interface Keeper {
  roundTrip(keys: Keys): Promise<Keys>;
}

/** New keys of the best form that was kept, read back and opened something. Throws BrowserTooOld. */
export async function provenKeys(keeper: Keeper): Promise<Keys> {
  let fault: unknown;
  for (const form of await keyForms())
    try {
      return await proven(keeper, await makeKeys(form));
    } catch (error) {
      // A browser may copy a key in memory and still keep it nowhere. The last form lasts wherever anything does.
      console.warn(`keys of ${form.curve} and ${form.native ? "native" : "wrapped"} ML-KEM do not last here`, error);
      fault = error;
    }
  if (fault instanceof BrowserTooOld) throw fault;
  throw new BrowserTooOld(
    "This browser does not keep keys. Some private windows keep nothing at all: please use an ordinary one.",
    { cause: fault },
  );
}

async function proven(keeper: Keeper, keys: Keys): Promise<Keys> {
  const kept = await keeper.roundTrip(keys);
  const encrypter = new Encrypter();
  encrypter.addRecipient(keys.recipient);
  await openWhole(await encrypter.encrypt(EMPTY), identityOf(kept));
  return kept;
}
