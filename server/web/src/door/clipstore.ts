// The clips that this page has asked for, day by day.
//
// Each question for a day is a line in the door's record, so a day is asked for once and then only for what changed in it.

import type { Parsed } from "../format/json.ts";
import type { Head } from "../format/lines.ts";
import type { replyBody } from "../format/messages.ts";
import type { Verified } from "../keys/store.ts";
import { type Clip, type Eyes, readClip } from "../clips/clips.ts";
import type { Session } from "./session.ts";

/** So many clips are shown at first; older days come when asked for. */
const FIRST_CLIPS = 24;
/** Days of the spool are of UTC, where each has 24 hours; what a person reads are days of their calendar, by ui/parts/times.ts. */
const DAY_MS = 86_400_000;

export type Day = Extract<Parsed<typeof replyBody>, { type: "days" }>["days"][number];

export interface Pages {
  readonly clips: ReadonlyMap<number, Clip>;
  /** Clips that the record tells of and that the door lists on none of its days, and when they began. */
  readonly missing: ReadonlyMap<number, string>;
  /** Days of the spool, newest first; null before the first answer. */
  readonly days: readonly Day[] | null;
  readonly loaded: ReadonlySet<string>;
  /** Whether the newest days are all there. */
  readonly ready: boolean;
}

export const NO_PAGES: Pages = { clips: new Map(), missing: new Map(), days: null, loaded: new Set(), ready: false };

export class ClipStore {
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

  /** Clips that the record tells of and that stand on none of the days on which they could; and when they began. */
  absent(): ReadonlyMap<number, string> {
    const { clips, days, loaded, ready } = this.#pages;
    const found = new Map<number, string>();
    if (!ready || days === null) return found;
    const { clips: told, newest } = this.#verified().facts;
    const isSeen = (day: string): boolean => loaded.has(day) || !days.some((listed) => listed.day === day);
    for (const [clip, { begun, sealed }] of told) {
      const lines = [begun, sealed].filter((line) => line !== null);
      // A running one is written down a moment before it is there to be listed.
      if (clips.has(clip) || (sealed === null && clip === newest)) continue;
      if (lines.every(({ at_utc }) => possibleDays(at_utc).every(isSeen))) found.set(clip, lines[0]?.at_utc ?? "");
    }
    return found;
  }

  /** Ask again for the days of what is absent: a clip is moved to its day a moment after its last line. */
  async lookAgain(session: Session): Promise<void> {
    this.#publish({ days: await this.#askDays(session) });
    const wanted = new Set([...this.absent().values()].flatMap(possibleDays));
    for (const { day } of this.#pages.days ?? []) if (wanted.has(day)) await this.#loadDay(session, day, 0);
  }

  /** What is absent now, and was looked for again, is missing. */
  settle(): void {
    const missing = this.absent();
    if (missing.size > 0 || this.#pages.missing.size > 0) this.#publish({ missing });
  }

  /** Whether anything is absent that is not known to be missing, or was found again. */
  isUnsettled(): boolean {
    const [absent, { missing }] = [this.absent(), this.#pages];
    return absent.size !== missing.size || [...absent.keys()].some((clip) => !missing.has(clip));
  }

  async #loadDay(session: Session, day: string, after: number): Promise<boolean> {
    const clips: Clip[] = [];
    for (let from = after; ;) {
      const { body } = await session.ask({ type: "day", day, after: from }, this.#head);
      const eyes = this.#eyes();
      const { gone } = this.#verified().facts;
      for (const sealed of body.events) {
        // A device that still counts what nobody can read any more: it is missing.
        const isEmpty = sealed.event === null && sealed.begun === null && eyes.isFinished(sealed.clip);
        // What gave way by its line may still lie there for a moment.
        if (!isEmpty && !gone.has(sealed.clip)) clips.push(await readClip(day, sealed, eyes));
      }
      const last = body.events.at(-1);
      if (!body.more || last === undefined || last.clip <= from) break;
      from = last.clip;
    }
    // What was listed on this day before, and is no longer, lies elsewhere by now, or nowhere.
    const all = new Map([...this.#pages.clips].filter(([clip, known]) => known.day !== day || clip <= after));
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

/** Days on which a clip can be listed whose line has this time: pre-roll may have put its first frame before midnight. */
const possibleDays = (at_utc: string): readonly string[] => {
  const day = at_utc.slice(0, 10);
  return [day, dayBefore(day)];
};

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
}
