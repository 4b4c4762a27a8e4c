// The clips that this page has asked for, day by day.
//
// Each question for a day is a line in the door's record, so a day is asked for once and then only for what changed in it.

import type { Parsed } from "../format/json.ts";
import type { Head } from "../format/lines.ts";
import type { replyBody } from "../format/messages.ts";
import type { Verified } from "../keys/store.ts";
import { type Clip, type Eyes, readClip } from "./clips.ts";
import type { Session } from "./session.ts";

/** So many clips are shown at first; older days come when asked for. */
const FIRST_CLIPS = 24;
const DAY_MS = 86_400_000;

export type Day = Extract<Parsed<typeof replyBody>, { type: "days" }>["days"][number];

export interface Pages {
  readonly clips: ReadonlyMap<number, Clip>;
  /** Days of the spool, newest first; null before the first answer. */
  readonly days: readonly Day[] | null;
  readonly loaded: ReadonlySet<string>;
  /** Whether the newest days are all there. */
  readonly ready: boolean;
}

export const NO_PAGES: Pages = { clips: new Map(), days: null, loaded: new Set(), ready: false };

export class Album {
  readonly #eyes: () => Eyes;
  readonly #verified: () => Verified;
  readonly #changed: (pages: Pages) => void;
  #pages = NO_PAGES;

  constructor(eyes: () => Eyes, verified: () => Verified, changed: (pages: Pages) => void) {
    this.#eyes = eyes;
    this.#verified = verified;
    this.#changed = changed;
  }

  /** Load the newest days, and again what was loaded before the connection broke: it may have changed since. */
  async loadNewest(session: Session): Promise<void> {
    const again = this.#pages.loaded;
    const before = this.#verified();
    const days = await this.#askDays(session);
    this.#publish({ days });
    let shown = 0;
    for (const { day, clips } of days) {
      if (shown >= FIRST_CLIPS && !again.has(day)) continue;
      await this.#loadDay(session, day, 0);
      shown += clips;
    }
    this.#publish({ ready: true });
    // What came while the days were loading is not in them, or in a form that is past.
    await this.loadChanged(session, before);
  }

  /** Load every day, as whoever checks everything must. */
  async loadAll(session: Session): Promise<void> {
    const days = await this.#askDays(session);
    this.#publish({ days, clips: new Map() });
    for (const { day } of days) await this.#loadDay(session, day, 0);
  }

  /** Load the newest day that is not loaded yet. */
  async loadEarlier(session: Session): Promise<void> {
    const next = this.#pages.days?.find(({ day }) => !this.#pages.loaded.has(day));
    if (next !== undefined) await this.#loadDay(session, next.day, 0);
  }

  /** Take in what the record says of clips that began, ended or gave way since `before`. */
  async loadChanged(session: Session, before: Verified): Promise<void> {
    const now = this.#verified().facts.clips;
    const gone = [...before.facts.clips.keys()].filter((clip) => !now.has(clip));
    if (gone.length > 0)
      this.#publish({ clips: new Map([...this.#pages.clips].filter(([clip]) => !gone.includes(clip))) });
    if (!this.#pages.ready) return;
    const from = new Map<string, number>();
    for (const [clip, facts] of now) {
      if (before.facts.clips.get(clip) === facts) continue;
      const day = this.#pages.clips.get(clip)?.day ?? (facts.begun ?? facts.sealed)?.at_utc.slice(0, 10);
      if (day !== undefined) from.set(day, Math.min(from.get(day) ?? clip, clip));
    }
    const oldest = [...this.#pages.loaded].sort()[0] ?? "";
    for (const [day, clip] of from) {
      if (day < oldest) continue;
      const found = await this.#loadDay(session, day, clip - 1);
      // Pre-roll may have put the first frame before midnight.
      if (!found) await this.#loadDay(session, dayBefore(day), clip - 1);
    }
  }

  /** Which days hold clips, newest first, in as many answers as it takes. */
  async #askDays(session: Session): Promise<Day[]> {
    const days: Day[] = [];
    for (;;) {
      const { body } = await session.ask({ type: "days", before: days.at(-1)?.day ?? null }, this.#head);
      days.push(...body.days);
      if (!body.more || body.days.length === 0) return days;
    }
  }

  async #loadDay(session: Session, day: string, after: number): Promise<boolean> {
    const clips: Clip[] = [];
    for (let from = after; ;) {
      const { body } = await session.ask({ type: "day", day, after: from }, this.#head);
      const eyes = this.#eyes();
      for (const event of body.events) clips.push(await readClip(day, event, eyes));
      const last = body.events.at(-1);
      if (!body.more || last === undefined || last.clip <= from) break;
      from = last.clip;
    }
    const all = new Map(this.#pages.clips);
    for (const clip of clips) all.set(clip.number, clip);
    this.#publish({ clips: all, loaded: new Set([...this.#pages.loaded, day]) });
    return clips.length > 0;
  }

  readonly #head = (): Head => this.#verified().chain.head;

  #publish(news: Partial<Pages>): void {
    this.#pages = { ...this.#pages, ...news };
    this.#changed(this.#pages);
  }
}

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
}
