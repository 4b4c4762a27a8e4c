// The record: followed line by line, and told in sentences.

import { learnEntry } from "../src/door/sync.ts";
import type { Bytes } from "../src/format/bytes.ts";
import { type Encodable, blob, count, list, nullable, object, string } from "../src/format/json.ts";
import { parsePrivate, privateMetadata } from "../src/format/lines.ts";
import { noFacts } from "../src/trust/facts.ts";
import { RecordBroken } from "../src/trust/errors.ts";
import { type Chain, begin, checkHead, extend } from "../src/trust/ledger.ts";
import { looksOf } from "../src/trust/looks.ts";
import { type Row, latelyOf, newsOf } from "../src/trust/noted.ts";
import { keysAt } from "../src/trust/roster.ts";
import { madeAt } from "../src/trust/times.ts";
import { often, toldNoted } from "../src/ui/parts/words.ts";
import { verify } from "../src/trust/signed.ts";
import type { Seen } from "../src/trust/visits.ts";
import { signedHead } from "./forms.ts";
import { type Actions, data, epochsIn, text } from "./request.ts";

const chains = new Map<string, Chain>();

async function follows(chain: Chain, raw: Bytes): Promise<boolean> {
  try {
    await extend(chain, raw);
    return true;
  } catch (error) {
    if (error instanceof RecordBroken) return false;
    throw error;
  }
}

const seenBy = (seen: Seen | null): Encodable => (seen === null ? null : { ...seen });

export const RECORD: Actions = {
  /** Lines from 0, a signed head or null, and epoch files to open private bodies with. */
  async verify_ledger(request) {
    const lines = list(blob())(request["lines"], "lines");
    const epochs = epochsIn(request);
    let chain = begin(lines[0] ?? new Uint8Array(0));
    const bodies: Encodable[] = [null];
    for (const raw of lines.slice(1)) {
      const { chain: next, line } = await extend(chain, raw);
      chain = next;
      const opened = line.private === null ? null : await epochs.open(line.private, privateMetadata(line));
      bodies.push(opened === null ? null : parsePrivate(opened, `line ${line.seq}`));
    }
    const promised = nullable(blob())(request["head"], "head");
    if (promised !== null) checkHead(chain, await verify(chain.roster.device, "head", promised, signedHead));
    const { label, door, readers: members, admit, open, invites, applications, proposal } = chain.roster;
    return {
      head: { ...chain.head },
      door,
      label,
      readers: members.map((reader) => ({ ...reader })),
      admit,
      open,
      invites: invites.map(({ key }) => key),
      applications: applications.map(({ subject }) => subject),
      proposal: proposal?.subject ?? null,
      keys: keysAt(chain.roster, chain.head.seq).count,
      left_out: keysAt(chain.roster, chain.head.seq).leftOut,
      epochs: chain.epochs,
      private: bodies,
    };
  },

  /** What a reader who joined in line `since` hears of these lines, in sentences: its news, and what happened lately. */
  async news(request) {
    const lines = list(blob())(request["lines"], "lines");
    const epochs = epochsIn(request);
    let chain = begin(lines[0] ?? new Uint8Array(0));
    const facts = noFacts();
    for (const raw of lines.slice(1)) {
      const extended = await extend(chain, raw);
      chain = extended.chain;
      await learnEntry(facts, extended, epochs);
    }
    const [me, since] = [data(request, "me"), count()(request["since"], "since")];
    const { roster } = chain;
    const words = ({ noted, times }: Row): string => toldNoted(noted, roster, me) + often(times);
    return {
      news: newsOf(facts.changes, roster, me, since).rows.map(words),
      lately: latelyOf(facts.changes, roster).rows.map(words),
      visits: facts.visits.map((visit) => ({
        ...visit,
        answered: seenBy(visit.answered),
        looked: seenBy(visit.looked),
      })),
      made: list(object({ clip: count(), at: string() }))(request["clips"] ?? [], "clips").map(({ clip, at }) => {
        const made = madeAt(facts.times, clip, at);
        return { at: made.at, is_label: made.by !== null };
      }),
      looks: looksOf(facts.looks).map(({ look: { kind, reader }, times }) => ({ kind, reader, times })),
    };
  },

  /** Begin a chain that is kept under a name, from line 0. */
  begin(request) {
    chains.set(text(request, "chain"), begin(data(request, "born")));
    return {};
  },

  /** Whether each of these could be the next line of a kept chain; which stays as it was, but for `adopt`, one of them. */
  async could_follow(request) {
    const name = text(request, "chain");
    const chain = chains.get(name);
    if (!chain) throw new Error("no such chain: begin it first");
    const taken: boolean[] = [];
    for (const raw of list(blob())(request["lines"], "lines")) taken.push(await follows(chain, raw));
    if (request["adopt"] !== null) chains.set(name, (await extend(chain, data(request, "adopt"))).chain);
    const { readers, invites, applications, proposal, admit, open } = (chains.get(name) ?? chain).roster;
    return {
      taken,
      readers: readers.map((reader) => ({ ...reader })),
      invites: invites.map(({ key }) => key),
      applications: applications.map(({ subject }) => subject),
      proposal: proposal?.subject ?? null,
      admit,
      open,
    };
  },
};
