// How the door says it is, opened; and the film of its daily self-test, which a device that holds no key that opens cannot try
// itself: the next reader that comes opens it, compares, and says so.
//
//     report → a film that nobody opened yet? → its pieces → opened, and the hash is the one that the report names → said → report
//
// Source: docs/FORMAT.md, "Health".

import type { Identity } from "age-encryption";

import { type Bytes, concat, equal, sha256 } from "../format/bytes.ts";
import { HEALTH_METADATA, type Report, parseReport } from "../format/health.ts";
import { FormatError } from "../format/json.ts";
import type { Epochs } from "../sealing/epochs.ts";
import { NotForUs, SealBroken } from "../sealing/errors.ts";
import { openWhole } from "../sealing/stream.ts";
import type { Ask } from "./session.ts";

/** More pieces than any self-test has: a door that goes on and on is not followed. */
const MOST_PIECES = 16;
/** Clocks that differ by less tell people the same time. */
const OFF_MS = 120_000;

export interface Health {
  /** "untold" if the door could not say it, or not to this reader. */
  readonly report: Report | "untold";
  /** Whether the film of the last self-test opens here as it should; null if it was not tried, or is sealed to others. */
  readonly opens: boolean | null;
}

export class Checkups {
  readonly #ask: Ask;
  readonly #identity: Identity;
  readonly #epochs: Epochs;
  #tried: { readonly sha256: Bytes; readonly opens: boolean | null } | null = null;

  #hasToldTime = false;

  constructor(ask: Ask, identity: Identity, epochs: Epochs) {
    this.#ask = ask;
    this.#identity = identity;
    this.#epochs = epochs;
  }

  /** Whoever comes next says what time it is, and opens the film of the last self-test; what fails is told where health is shown. */
  async meet(heardUtc: string): Promise<void> {
    try {
      await this.tellTime(heardUtc);
      await this.look();
    } catch {
      // Whoever looks at the door's health asks again, and reads why.
    }
  }

  /** How the door is now; a film that nobody opened yet is tried on the way, once. Throws what `ask` throws. */
  async look(): Promise<Health> {
    const report = await this.#report(null);
    const film = report === "untold" ? null : report.film;
    if (film === null) return { report, opens: null };
    if (this.#tried !== null && equal(this.#tried.sha256, film.sha256)) return { report, opens: this.#tried.opens };
    if (film.opened) return { report, opens: null };
    const opens = await this.#opens(film.sha256);
    this.#tried = { sha256: film.sha256, opens };
    return { report: opens === true ? await this.#report(film.sha256) : report, opens };
  }

  /** Say what time it is here, once, if it is another than the door’s, `heardUtc`: a label for recordings. Throws what `ask` throws. */
  async tellTime(heardUtc: string): Promise<void> {
    if (this.#hasToldTime || Math.abs(Date.now() - Date.parse(heardUtc)) < OFF_MS) return;
    this.#hasToldTime = true;
    await this.#ask({ type: "time", at_utc: `${new Date().toISOString().slice(0, 19)}Z` });
  }

  async #report(opened: Bytes | null): Promise<Report | "untold"> {
    const { body } = await this.#ask({ type: "health", opened });
    if (body.report === null) return "untold";
    try {
      const plaintext = await this.#epochs.open(body.report, HEALTH_METADATA);
      return plaintext === null ? "untold" : parseReport(plaintext);
    } catch (error) {
      if (error instanceof SealBroken || error instanceof FormatError) return "untold";
      throw error;
    }
  }

  async #opens(wanted: Bytes): Promise<boolean | null> {
    const pieces: Bytes[] = [];
    for (let from = 0, more = true; more; from += pieces.at(-1)?.length ?? 0) {
      const { body } = await this.#ask({ type: "self_test", from });
      if (body.from !== from || (body.more && body.piece.length === 0) || pieces.length === MOST_PIECES) return false;
      pieces.push(body.piece);
      more = body.more;
    }
    try {
      return equal(sha256(await openWhole(concat(...pieces), this.#identity)), wanted);
    } catch (error) {
      // It was sealed before this reader belonged: the next one is for this reader too.
      if (error instanceof NotForUs) return null;
      if (error instanceof SealBroken) return false;
      throw error;
    }
  }
}
