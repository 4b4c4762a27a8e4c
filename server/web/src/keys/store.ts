// IndexedDB: this reader's keys, the record as last verified, and the epoch files. The edge of everything that must survive a reload.
//
// Source: Indexed Database API 3.0.

import { type Bytes, toBase64 } from "../format/bytes.ts";
import type { CodeKind } from "../format/card.ts";
import type { Farewell } from "../trust/farewell.ts";
import type { Chain } from "../trust/ledger.ts";
import type { Facts } from "../trust/facts.ts";
import type { Keys } from "./reader.ts";

const NAME = "doorward";
const VERSION = 8;
const MEMBERSHIP = "membership";
const EPOCHS = "epochs";
const GRANTS = "grants";
const STORES = [MEMBERSHIP, EPOCHS, GRANTS];

/** Who this browser is, at which door. */
export interface Member {
  readonly label: string;
  readonly keys: Keys;
  /** Line 0 of the door that the card named: no other door is ever spoken to. */
  readonly born: Bytes;
}

/** Who this browser is about to become: kept before the door is asked, so that nobody is admitted whose keys are nowhere. */
export interface Joining extends Member {
  readonly kind: CodeKind;
  /** Signed by the card or the invite, good for these keys alone. */
  readonly admission: Bytes;
}

/** The browser did not write something down. */
export class NotKept extends Error {
  override readonly name = "NotKept";
}

/** The door's record, as far as this browser has verified it. */
export interface Verified {
  readonly chain: Chain;
  readonly facts: Facts;
}

export type Files = readonly (readonly [number, Bytes])[];

export class Store {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
    // A newer page in another tab waits for this one to let go.
    database.onversionchange = () => {
      database.close();
    };
  }

  static async open(): Promise<Store> {
    const opening = indexedDB.open(NAME, VERSION);
    opening.onupgradeneeded = () => {
      const { result: database, transaction } = opening;
      // The keys stay, in whatever form the rest is kept now: the record and what belongs to it can be read from the door again.
      const kept = database.objectStoreNames.contains(MEMBERSHIP)
        ? (transaction?.objectStore(MEMBERSHIP).get("member") as IDBRequest<Member | undefined> | undefined)
        : undefined;
      const renew = (member: Member | undefined): void => {
        for (const name of database.objectStoreNames) database.deleteObjectStore(name);
        for (const name of STORES) {
          const store = database.createObjectStore(name);
          if (name === MEMBERSHIP && member !== undefined) store.put(member, "member");
        }
      };
      if (kept === undefined) renew(undefined);
      else
        kept.onsuccess = () => {
          renew(kept.result);
        };
    };
    return new Store(await settled(opening));
  }

  async member(): Promise<Member | null> {
    return ((await this.#get(MEMBERSHIP, "member")) as Member | undefined) ?? null;
  }

  async verified(): Promise<Verified | null> {
    return ((await this.#get(MEMBERSHIP, "verified")) as Verified | undefined) ?? null;
  }

  epochFiles(): Promise<Files> {
    return this.#files(EPOCHS);
  }

  /** Grants by the door's number; those that came as a file have numbers below zero. */
  grantFiles(): Promise<Files> {
    return this.#files(GRANTS);
  }

  keepGrant(number: number, file: Bytes): Promise<void> {
    return this.#write((store) => store(GRANTS).put(file, number));
  }

  /** Line up to which a person has seen what changed in the household. */
  async seen(): Promise<number> {
    return ((await this.#get(MEMBERSHIP, "seen")) as number | undefined) ?? 0;
  }

  keepSeen(seq: number): Promise<void> {
    return this.#write((store) => store(MEMBERSHIP).put(seq, "seen"));
  }

  /** Which clips this browser has given to a reader: so that giving goes on where it stopped. */
  async given(to: Bytes): Promise<ReadonlySet<number>> {
    return ((await this.#get(MEMBERSHIP, `given ${toBase64(to)}`)) as ReadonlySet<number> | undefined) ?? new Set();
  }

  keepGiven(to: Bytes, clips: ReadonlySet<number>): Promise<void> {
    return this.#write((store) => store(MEMBERSHIP).put(clips, `given ${toBase64(to)}`));
  }

  /** The door's word that this reader was removed; none while it belongs. */
  async farewell(): Promise<Farewell | null> {
    return ((await this.#get(MEMBERSHIP, "farewell")) as Farewell | undefined) ?? null;
  }

  keepFarewell(farewell: Farewell): Promise<void> {
    return this.#write((store) => store(MEMBERSHIP).put(farewell, "farewell"));
  }

  async joining(): Promise<Joining | null> {
    return ((await this.#get(MEMBERSHIP, "joining")) as Joining | undefined) ?? null;
  }

  /** Throws NotKept: the door must not be asked. */
  keepJoining(joining: Joining): Promise<void> {
    return this.#write((store) => store(MEMBERSHIP).put(joining, "joining"));
  }

  forgetJoining(): Promise<void> {
    return this.#write((store) => {
      store(MEMBERSHIP).delete("joining");
    });
  }

  /** Forget any earlier door, and the joining, and become a member of this one; all or nothing. Throws NotKept. */
  join(member: Member, verified: Verified): Promise<void> {
    return this.#write((store) => {
      for (const name of STORES) store(name).clear();
      const membership = store(MEMBERSHIP);
      membership.put(member, "member");
      membership.put(verified, "verified");
    });
  }

  /** Keep what was verified, with the epoch files that it names, all or nothing. */
  keep(verified: Verified, files: ReadonlyMap<number, Bytes>): Promise<void> {
    return this.#write((store) => {
      for (const [number, file] of files) store(EPOCHS).put(file, number);
      const membership = store(MEMBERSHIP);
      const known = membership.get("verified") as IDBRequest<Verified | undefined>;
      known.onsuccess = () => {
        // Another tab may be ahead: the witness never goes back.
        if (verified.chain.head.seq >= (known.result?.chain.head.seq ?? 0)) membership.put(verified, "verified");
      };
    });
  }

  /** A key, kept and read back: some browsers take a key that they then cannot keep, and say nothing. */
  async roundTrip(keys: Keys): Promise<Keys> {
    await this.#write((store) => store(MEMBERSHIP).put(keys, "trial"));
    const kept = (await this.#get(MEMBERSHIP, "trial")) as Keys;
    await this.#write((store) => {
      store(MEMBERSHIP).delete("trial");
    });
    return kept;
  }

  #get(store: string, key: string): Promise<unknown> {
    return settled(this.#database.transaction(store).objectStore(store).get(key));
  }

  async #files(name: string): Promise<Files> {
    const store = this.#database.transaction(name).objectStore(name);
    const [numbers, files] = await Promise.all([settled(store.getAllKeys()), settled(store.getAll())]);
    return numbers.map((number, i) => [number as number, files[i] as Bytes]);
  }

  async #write(work: (store: (name: string) => IDBObjectStore) => unknown): Promise<void> {
    try {
      const transaction = this.#database.transaction(STORES, "readwrite", { durability: "strict" });
      const written = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => {
          resolve();
        };
        transaction.onabort = () => {
          reject(transaction.error ?? new Error("the transaction was given up"));
        };
      });
      try {
        work((name) => transaction.objectStore(name));
      } catch (error) {
        // What went before it in the same step, such as forgetting, must not be written alone.
        transaction.abort();
        await written.catch(() => undefined);
        throw error;
      }
      await written;
    } catch (error) {
      throw new NotKept("the browser could not write this down", { cause: error });
    }
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
