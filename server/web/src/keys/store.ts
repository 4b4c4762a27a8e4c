// IndexedDB: this reader's keys, the record as last verified, and the epoch files. The edge of everything that must survive a reload.
//
// Source: Indexed Database API 3.0.

import type { Bytes } from "../format/bytes.ts";
import type { Chain } from "../trust/ledger.ts";
import type { Facts } from "../trust/facts.ts";
import type { Keys } from "./reader.ts";

const NAME = "doorward";
const VERSION = 1;
const MEMBERSHIP = "membership";
const EPOCHS = "epochs";

/** Who this browser is, at which door. */
export interface Member {
  readonly label: string;
  readonly keys: Keys;
  /** Line 0 of the door that the card named: no other door is ever spoken to. */
  readonly born: Bytes;
}

/** The door's record, as far as this browser has verified it. */
export interface Verified {
  readonly chain: Chain;
  readonly facts: Facts;
}

export class Store {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  static async open(): Promise<Store> {
    const opening = indexedDB.open(NAME, VERSION);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(MEMBERSHIP);
      opening.result.createObjectStore(EPOCHS);
    };
    return new Store(await settled(opening));
  }

  async member(): Promise<Member | null> {
    return ((await this.#get(MEMBERSHIP, "member")) as Member | undefined) ?? null;
  }

  async verified(): Promise<Verified | null> {
    return ((await this.#get(MEMBERSHIP, "verified")) as Verified | undefined) ?? null;
  }

  async epochFiles(): Promise<[number, Bytes][]> {
    const store = this.#database.transaction(EPOCHS).objectStore(EPOCHS);
    const [numbers, files] = await Promise.all([settled(store.getAllKeys()), settled(store.getAll())]);
    return numbers.map((number, i) => [number as number, files[i] as Bytes]);
  }

  /** Forget any earlier door and become a member of this one. */
  join(member: Member, verified: Verified): Promise<void> {
    return this.#write((membership, epochs) => {
      epochs.clear();
      membership.put(member, "member");
      membership.put(verified, "verified");
    });
  }

  /** Keep what was verified, with the epoch files that it names, all or nothing. */
  keep(verified: Verified, files: ReadonlyMap<number, Bytes>): Promise<void> {
    return this.#write((membership, epochs) => {
      for (const [number, file] of files) epochs.put(file, number);
      const known = membership.get("verified") as IDBRequest<Verified | undefined>;
      known.onsuccess = () => {
        // Another tab may be ahead: the witness never goes back.
        if (verified.chain.head.seq >= (known.result?.chain.head.seq ?? 0)) membership.put(verified, "verified");
      };
    });
  }

  /** A key, kept and read back: some browsers take a key that they then cannot keep, and say nothing. */
  async roundTrip(keys: Keys): Promise<Keys> {
    await this.#write((membership) => membership.put(keys, "trial"));
    const kept = (await this.#get(MEMBERSHIP, "trial")) as Keys;
    await this.#write((membership) => {
      membership.delete("trial");
    });
    return kept;
  }

  forget(): Promise<void> {
    return this.#write((membership, epochs) => {
      membership.clear();
      epochs.clear();
    });
  }

  #get(store: string, key: string): Promise<unknown> {
    return settled(this.#database.transaction(store).objectStore(store).get(key));
  }

  #write(work: (membership: IDBObjectStore, epochs: IDBObjectStore) => unknown): Promise<void> {
    const transaction = this.#database.transaction([MEMBERSHIP, EPOCHS], "readwrite", { durability: "strict" });
    work(transaction.objectStore(MEMBERSHIP), transaction.objectStore(EPOCHS));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => {
        resolve();
      };
      transaction.onabort = () => {
        reject(transaction.error ?? new Error("the browser could not keep what was verified"));
      };
    });
  }
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error("the browser’s storage failed"));
    };
  });
