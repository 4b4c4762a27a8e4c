// Floods: whoever says something a thousand times hides nothing else by it, and takes no more room than for a few.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Bytes } from "../src/format/bytes.ts";
import type { PrivateBody } from "../src/format/lines.ts";
import { type Facts, copyFacts, learn, learnChange, noFacts } from "../src/trust/facts.ts";
import type { Happening } from "../src/trust/happening.ts";
import { type Looks, MAX_DAYS, learnLook, looksOf, rowsOf } from "../src/trust/looks.ts";
import { changesOf, newsOf } from "../src/trust/noted.ts";
import { type Reader, type Roster, bornRoster } from "../src/trust/roster.ts";

const MANY = 5_000;
const key = (n: number): Bytes => {
  const made = new Uint8Array(32);
  new DataView(made.buffer).setUint32(0, n);
  return made;
};
const ME = key(1);
const ROGUE = key(2);
const at_utc = "2026-11-25T03:00:00Z";
/** How privacy and snooze are after a change of settings. */
const SO = { privacy: true, snoozed_until_utc: null };

const reader = (n: number, seq: number): Reader => ({
  label: `Reader ${n}`,
  sign: key(n),
  recipient: "",
  seq,
  epoch: 1,
});
const roster: Roster = {
  ...bornRoster({ type: "born", door: "Front door", device: key(90), admit: key(91), open: "age1pq1" }),
  readers: [reader(1, 1), reader(2, 2), reader(3, 60)],
};

/** A fold that says one thing a line. */
class Told {
  readonly facts: Facts = noFacts();
  seq = 50;

  privately(body: PrivateBody): void {
    learn(this.facts, { seq: ++this.seq, epoch: 1, rosterSeq: 0 }, body);
  }

  changed(happening: Happening): void {
    learnChange(this.facts, ++this.seq, happening, { type: "dated", at_utc });
  }

  news(since = 50, now = roster): ReturnType<typeof newsOf> {
    return newsOf(this.facts.changes, now, ME, since);
  }
}

// What nobody may do in silence, and how the news know it again.
const CHANGES: Readonly<Record<string, (told: Told) => void>> = {
  "joined with the card": (told) => {
    told.changed({ what: "joined", reader: key(3), by: null, inviter: null });
  },
  "let in by two": (told) => {
    told.changed({ what: "joined", reader: key(3), by: ROGUE, inviter: key(4) });
  },
  "asked to join": (told) => {
    told.changed({ what: "applied", label: "Guest", inviter: ROGUE });
  },
  "made an invitation": (told) => {
    told.changed({ what: "invited", by: ROGUE });
  },
  removed: (told) => {
    told.changed({ what: "removed", reader: key(4), by: ROGUE });
  },
  renamed: (told) => {
    told.changed({ what: "renamed", reader: key(3), by: key(3), from: "Tablet", to: "Mum’s tablet" });
  },
  "asked for a card": (told) => {
    told.changed({ what: "card_proposed", by: ROGUE });
  },
  "objected to a card": (told) => {
    told.changed({ what: "card_objected", by: null });
  },
  "replaced the card": (told) => {
    told.changed({ what: "card_replaced", by: ROGUE, agreed: key(3) });
  },
  "set privacy": (told) => {
    told.privately({ type: "settings_changed", at_utc, reader: ROGUE, what: ["privacy"], ...SO });
  },
  "set masks": (told) => {
    told.privately({ type: "settings_changed", at_utc, reader: ROGUE, what: ["masks"], ...SO });
  },
  "gave older recordings": (told) => {
    told.privately({ type: "granted", at_utc, reader: ROGUE, clips: 7, to: key(3) });
  },
  "used up its day": (told) => {
    told.privately({ type: "allowance_spent", at_utc, reader: ROGUE });
  },
  "used up everybody’s day": (told) => {
    told.privately({ type: "allowance_spent", at_utc, reader: null });
  },
  "was blind": (told) => {
    told.privately({ type: "gap", at_utc, from_utc: "2026-11-25T02:00:00Z", reason: "blind" });
  },
};

// What whoever wants to hide it can say as often as they like. Each is of a thing of its own kind, or of the same kind elsewhere.
const FLOODS: Readonly<Record<string, (told: Told, n: number) => void>> = {
  "listings of one day": (told) => {
    told.privately({ type: "day_listed", at_utc, day: "2026-11-24", after: 0, reader: ROGUE });
  },
  "listings of many days": (told, n) => {
    told.privately({ type: "day_listed", at_utc, day: `${1000 + n}-01-01`, after: 0, reader: ROGUE });
  },
  "openings of many recordings": (told, n) => {
    told.privately({ type: "clip_handed_out", at_utc, clip: n, reader: ROGUE });
  },
  "exports of one": (told) => {
    told.privately({ type: "clip_exported", at_utc, clip: 1, reader: ROGUE });
  },
  "live views": (told) => {
    told.privately({ type: "live_began", at_utc, reader: ROGUE });
  },
  "renamings of itself": (told, n) => {
    told.changed({ what: "renamed", reader: ROGUE, by: ROGUE, from: `Name ${n}`, to: `Name ${n + 1}` });
  },
  "invitations by another": (told) => {
    told.changed({ what: "invited", by: key(5) });
  },
  "settings of zones": (told) => {
    told.privately({ type: "settings_changed", at_utc, reader: ROGUE, what: ["zones"], ...SO });
  },
  "grants to itself": (told) => {
    told.privately({ type: "granted", at_utc, reader: ROGUE, clips: 1, to: ROGUE });
  },
  "tries of the card": (told) => {
    told.privately({ type: "drill_passed", at_utc, reader: ROGUE });
  },
  "gaps of another kind": (told, n) => {
    told.privately({ type: "gap", at_utc, from_utc: `${1000 + n}-01-01T00:00:00Z`, reason: "overload" });
  },
  "cards proposed and taken back by another": (told, n) => {
    told.changed({ what: n % 2 ? "card_objected" : "card_proposed", by: key(5) });
  },
  "devices that come and go": (told, n) => {
    told.changed({ what: "joined", reader: key(1000 + n), by: null, inviter: null });
    told.changed({ what: "removed", reader: key(1000 + n), by: null });
  },
};

test("no flood hides a change of the household from its news or from what happened lately", () => {
  const passersBy = Array.from({ length: MANY }, (_, n) => reader(1000 + n, 51 + n));
  for (const [flood, say] of Object.entries(FLOODS))
    for (const [change, tell] of Object.entries(CHANGES)) {
      const told = new Told();
      tell(told);
      const seq = told.seq;
      for (let n = 0; n < MANY; n += 1) say(told, n);
      const now = { ...roster, former: flood.startsWith("devices") ? passersBy : [] };
      const { rows } = told.news(50, now);
      const what = `${change}, then ${flood}`;
      assert.ok(
        rows.some(({ noted }) => noted.seq === seq),
        what,
      );
      assert.ok(
        changesOf(told.facts.changes).some(({ noted }) => noted.seq === seq),
        what,
      );
      assert.ok(rows.length <= 12, `${what}: ${rows.length} rows`);
    }
});

test("no flood hides a look at another recording, by another reader or of another kind", () => {
  const looks: Readonly<Record<string, PrivateBody>> = {
    opened: { type: "clip_handed_out", at_utc, clip: 9_999, reader: key(3) },
    exported: { type: "clip_exported", at_utc, clip: 9_999, reader: ROGUE },
    listed: { type: "day_listed", at_utc, day: "2026-11-24", after: 0, reader: key(3) },
    watched: { type: "live_began", at_utc, reader: key(3) },
  };
  for (const [flood, say] of Object.entries(FLOODS))
    for (const [kind, body] of Object.entries(looks)) {
      const told = new Told();
      told.privately(body);
      const seq = told.seq;
      for (let n = 0; n < MANY; n += 1) say(told, n);
      assert.ok(
        looksOf(told.facts.looks).some(({ look }) => look.seq === seq),
        `${kind}, then ${flood}`,
      );
    }
});

test("what is said a thousand times is said how often, and takes the room of a few", () => {
  for (const [flood, say] of Object.entries(FLOODS)) {
    const told = new Told();
    for (let n = 0; n < MANY; n += 1) say(told, n);
    const { changes, looks } = told.facts;
    const rows = changesOf(changes);
    const counted = [
      ...rows.map(({ times }) => times),
      ...looksOf(looks).map(({ times }) => (times > 1 ? times : 0)),
    ].reduce((sum, times) => sum + times, 0);
    if (flood.startsWith("openings") || flood.startsWith("devices")) continue; // each is of a thing of its own
    assert.ok(rows.length + looksOf(looks).length <= MAX_DAYS + 1, flood);
    if (!flood.startsWith("listings of many")) assert.equal(counted, MANY, flood);
  }
});

test("looks at recordings that are gone stay, together, and those of others stay apart", () => {
  const told = new Told();
  for (let clip = 1; clip <= 3; clip += 1) {
    told.privately({ type: "clip_handed_out", at_utc, clip, reader: ROGUE });
    told.privately({ type: "clip_handed_out", at_utc, clip, reader: key(3) });
  }
  const before = copyFacts(told.facts);
  for (const clip of [1, 2]) told.privately({ type: "clip_deleted", at_utc, clip, reason: "age" });
  const folded = looksOf(told.facts.looks).map(({ look, times }) => [
    "clip" in look && look.clip,
    look.reader === ROGUE,
    times,
  ]);
  assert.deepEqual(
    folded.toSorted((a, b) => String(a).localeCompare(String(b))),
    [
      [null, false, 2],
      [null, true, 2],
      [3, false, 1],
      [3, true, 1],
    ],
  );
  assert.equal(looksOf(before.looks).length, 6, "what was learned later changes no earlier facts");
});

test("news end with what was seen, and one’s own doing is none", () => {
  const told = new Told();
  for (const tell of Object.values(CHANGES)) tell(told);
  assert.equal(told.news().rows.length, Object.keys(CHANGES).length);
  assert.equal(told.news(told.seq).rows.length, 0);
  assert.equal(told.news(told.seq - 1).rows.length, 1);
  told.changed({ what: "invited", by: ME });
  told.privately({ type: "settings_changed", at_utc, reader: ME, what: ["privacy"], ...SO });
  assert.equal(told.news(told.seq - 2).rows.length, 0);
});

test("who came and went again is named, the newest, and the others are counted", () => {
  const told = new Told();
  for (let n = 0; n < 10; n += 1) FLOODS["devices that come and go"]?.(told, n);
  const former = Array.from({ length: 10 }, (_, n) => reader(1000 + n, 51 + 2 * n));
  const { rows, passersBy } = told.news(50, { ...roster, former });
  assert.equal(rows.length, 6);
  assert.equal(passersBy, 7);
  const were = told.news(50, { ...roster, former: former.map((one) => ({ ...one, seq: 5 })) });
  assert.equal(were.rows.length, 20, "whoever was seen to belong is missed by name");
});

test("a check of everything is one row, and a look by itself is not lost in it", () => {
  const looks: Looks = new Map();
  const at = (s: number): string => new Date(Date.UTC(2026, 10, 25, 3, 0, s)).toISOString().replace(".000Z", "Z");
  const open = (seq: number, reader: Bytes, clip: number, s: number): void => {
    learnLook(looks, { kind: "opened", seq, at_utc: at(s), reader, clip });
  };
  open(1, ME, 900, 0);
  for (let clip = 1; clip <= 470; clip += 1) open(10 + clip, ME, clip, 600 + clip);
  open(600, ROGUE, 7, 900);
  for (let clip = 1; clip <= 4; clip += 1) open(600 + clip, ME, 1000 + clip, 4000 + clip);
  assert.deepEqual(
    rowsOf(looks).map(({ look, recordings, times }) => [look.seq, recordings, times]),
    [
      [604, 1, 1],
      [603, 1, 1],
      [602, 1, 1],
      [601, 1, 1],
      [600, 1, 1],
      [480, 470, 470],
      [1, 1, 1],
    ],
  );
});
