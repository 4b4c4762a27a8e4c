// A few sentences of this reader's own, spoken before: kept in this browser alone, and at no door. An edge.
//
// Source: Indexed Database API 3.0.

import type { Bytes } from "../format/bytes.ts";
import { MOMENT_MS, MOMENT_SAMPLES } from "../format/talk.ts";

export interface Sentence {
  readonly name: string;
  /** Moments, one behind another. */
  readonly sound: Bytes;
}

export const MAX_SENTENCES = 6;
export const MAX_SENTENCE_MS = 10_000;
const MOMENT_BYTES = 2 * MOMENT_SAMPLES;
const [DATABASE, STORE] = ["doorward-sentences", "sentences"];

/** Moment `number` of a sentence; null once it is over. */
export function momentOf({ sound }: Sentence, number: number): Bytes | null {
  const moment = sound.slice(number * MOMENT_BYTES, (number + 1) * MOMENT_BYTES);
  return moment.length === MOMENT_BYTES ? moment : null;
}

export const lengthMs = ({ sound }: Sentence): number => (sound.length / MOMENT_BYTES) * MOMENT_MS;

/** All of them, in the order in which they were spoken; none where the browser keeps nothing. */
export async function sentences(): Promise<readonly Sentence[]> {
  try {
    return (await done(await opened("readonly"), (store) => store.getAll())) as Sentence[];
  } catch {
    return [];
  }
}

/** Keep one more; under a name that is there already, in its place. Throws what the browser says. */
export async function keep(sentence: Sentence): Promise<void> {
  const kept = (await sentences()).filter(({ name }) => name !== sentence.name);
  if (kept.length >= MAX_SENTENCES) throw new RangeError("there are as many as can be kept");
  await done(await opened("readwrite"), (store) => {
    store.clear();
    for (const each of [...kept, sentence]) store.add(each);
  });
}

/** Forget one. */
export async function forget(name: string): Promise<void> {
  const kept = (await sentences()).filter((each) => each.name !== name);
  await done(await opened("readwrite"), (store) => {
    store.clear();
    for (const each of kept) store.add(each);
  });
}

async function opened(mode: IDBTransactionMode): Promise<IDBTransaction> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(STORE, { autoIncrement: true });
  };
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    opening.onsuccess = () => {
      resolve(opening.result);
    };
    opening.onerror = () => {
      reject(opening.error ?? new Error("the browser keeps nothing"));
    };
  });
  return database.transaction(STORE, mode);
}

/** What the work asked for, once it is written. */
function done(transaction: IDBTransaction, work: (store: IDBObjectStore) => IDBRequest | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => {
      transaction.db.close();
      resolve(request?.result);
    };
    transaction.onabort = () => {
      transaction.db.close();
      reject(transaction.error ?? new Error("the browser did not keep it"));
    };
  });
}
