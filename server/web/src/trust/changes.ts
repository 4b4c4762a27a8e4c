// Changes of the household: the fold of public lines into the roster, every signature checked here instead of believing the device.
//
// Source: docs/FORMAT.md, "Household".

import { type Bytes, equal, sha256, toBase64 } from "../format/bytes.ts";
import * as forms from "../format/household.ts";
import { FormatError, type Parser } from "../format/json.ts";
import type { Change } from "../format/lines.ts";
import { TrustError } from "./errors.ts";
import { checkKey } from "./keys.ts";
import { nameFault } from "./names.ts";
import { MAX_READERS, MAX_WAITING, type Reader, type Roster, readerOf, sealedTo } from "./roster.ts";
import { type Context, unchecked, verify } from "./signed.ts";

/** Where a change stands: its line, and the epoch that begins next. */
export interface Place {
  readonly seq: number;
  readonly epoch: number;
}

/** The roster after one change. Throws TrustError, with words that continue "entry 7 …". */
export async function changed(roster: Roster, at: Place, change: Change): Promise<Roster> {
  try {
    return await fold(roster, at, change);
  } catch (error) {
    if (error instanceof FormatError) throw new TrustError("says something in a form nobody knows", { cause: error });
    throw error;
  }
}

async function fold(roster: Roster, at: Place, change: Change): Promise<Roster> {
  switch (change.type) {
    case "reader_added": {
      const { reader } = await signed(roster, roster.admit, "admission", change.admission, forms.admission);
      return joined(roster, at, reader);
    }
    case "invited": {
      const { key, by } = await byReader(roster, "invite", change.invite, forms.invite);
      checkKey(key);
      if (isSpent(roster, key)) throw new TrustError("uses an invitation a second time");
      const invites = [...roster.invites.slice(-(MAX_WAITING - 1)), { key, by }];
      return { ...roster, invites, spent: [...roster.spent, toBase64(key)] };
    }
    case "applied":
      return applied(roster, at, change.admission);
    case "reader_confirmed": {
      const { subject, by } = await byReader(roster, "confirmation", change.confirmation, forms.confirmation);
      const waiting = roster.applications.find((application) => equal(application.subject, subject));
      if (!waiting) throw new TrustError("lets somebody in who did not ask");
      if (equal(by, waiting.inviter)) throw new TrustError("lets somebody in by one voice alone");
      const applications = roster.applications.filter((application) => application !== waiting);
      return joined({ ...roster, applications }, at, waiting.reader);
    }
    case "reader_removed": {
      const { reader } = await byAnyone(roster, "removal", change.removal, forms.removal);
      return removed(roster, at, reader);
    }
    case "reader_renamed": {
      const { reader, label } = await byReader(roster, "renaming", change.renaming, forms.renaming);
      const others = roster.readers.filter((one) => !equal(one.sign, reader)).map((one) => one.label);
      if (nameFault(label, others) !== null) throw new TrustError("gives a name that deceives");
      if (!readerOf(roster, reader)) throw new TrustError("names somebody who is not there");
      const readers = roster.readers.map((one) => (equal(one.sign, reader) ? { ...one, label } : one));
      return { ...roster, readers };
    }
    case "card_proposed": {
      const replacement = await byReader(roster, "replacement", change.replacement, forms.replacement);
      checkNewCard(roster, replacement);
      const blob = change.replacement;
      // Spent at once: what was objected to cannot be said again, by whoever kept it, and nobody joins with the key.
      const spent = [...roster.spent, toBase64(replacement.admit)];
      return { ...roster, proposal: { seq: at.seq, blob, subject: sha256(blob), replacement }, spent };
    }
    case "card_objected":
      checkProposed(roster, (await byAnyone(roster, "objection", change.objection, forms.objection)).subject);
      return { ...roster, proposal: null };
    case "card_replaced":
      return cardReplaced(roster, at, change.replacement, change.confirmation);
  }
}

function joined(roster: Roster, { seq, epoch }: Place, keys: forms.ReaderKeys): Roster {
  checkNewReader(roster, keys);
  const readers: readonly Reader[] = [...roster.readers, { ...keys, seq, epoch }];
  return counted({ ...roster, readers, spent: [...roster.spent, toBase64(keys.sign)] }, seq);
}

async function applied(roster: Roster, { seq }: Place, blob: Bytes): Promise<Roster> {
  for (const { key, by } of roster.invites) {
    const claim = await verify(key, "admission", blob, forms.admission).catch((error: unknown) => {
      if (error instanceof TrustError) return null;
      throw error;
    });
    if (claim === null) continue;
    checkDoor(roster, claim.door);
    checkNewReader(roster, claim.reader);
    const invites = roster.invites.filter((invite) => !equal(invite.key, key));
    const waiting = roster.applications.slice(-(MAX_WAITING - 1));
    const application = { seq, subject: sha256(blob), inviter: by, reader: claim.reader };
    return { ...roster, invites, applications: [...waiting, application] };
  }
  throw new TrustError("brings somebody whom nobody invited");
}

function removed(roster: Roster, { seq }: Place, gone: Bytes): Roster {
  const reader = readerOf(roster, gone);
  const applications = roster.applications.filter((one) => !equal(one.inviter, gone) && !equal(one.reader.sign, gone));
  if (!reader) {
    if (applications.length === roster.applications.length) throw new TrustError("removes somebody who is not there");
    // Turned away for good: nobody is to wonder about the same key again, nor to let it in by what was said before.
    return { ...roster, applications, spent: [...roster.spent, toBase64(gone)] };
  }
  const proposal = roster.proposal !== null && equal(roster.proposal.replacement.by, gone) ? null : roster.proposal;
  return counted(
    {
      ...roster,
      readers: roster.readers.filter((one) => one !== reader),
      former: [...roster.former, reader],
      invites: roster.invites.filter(({ by }) => !equal(by, gone)),
      applications,
      proposal,
    },
    seq,
  );
}

async function cardReplaced(roster: Roster, { seq }: Place, blob: Bytes, agreed: Bytes | null): Promise<Roster> {
  let replacement = unchecked(blob, forms.replacement, "replacement");
  if (equal(replacement.by, roster.admit)) {
    // Nobody may speak the card's word for it, which a confirmation would let any reader who overheard it do.
    if (agreed !== null) throw new TrustError("adds a word to the card’s own");
    replacement = await byAnyone(roster, "replacement", blob, forms.replacement);
    checkNewCard(roster, replacement);
  } else {
    checkProposed(roster, sha256(blob));
    if (agreed === null) throw new TrustError("replaces the card by one voice alone");
    const { by, subject } = await byReader(roster, "confirmation", agreed, forms.confirmation);
    checkProposed(roster, subject);
    if (equal(by, replacement.by)) throw new TrustError("replaces the card by one voice alone");
  }
  const { admit, open } = replacement;
  return counted({ ...roster, admit, open, proposal: null, spent: [...roster.spent, toBase64(admit)] }, seq);
}

/** From this line on, clips are sealed to these keys. */
const counted = (roster: Roster, seq: number): Roster => ({
  ...roster,
  keys: [...roster.keys, sealedTo(seq, roster.readers, roster)],
});

function checkNewReader(roster: Roster, { label, sign }: forms.ReaderKeys): void {
  const others = roster.readers.map((one) => one.label);
  if (nameFault(label, others) !== null) throw new TrustError("adds a reader with a name that deceives");
  checkKey(sign);
  if (isSpent(roster, sign)) throw new TrustError("adds a reader twice");
  if (roster.readers.length >= MAX_READERS) throw new TrustError("adds a reader to a full household");
}

function checkNewCard(roster: Roster, { admit, open }: forms.Replacement): void {
  checkKey(admit);
  if (isSpent(roster, admit) || open === roster.open || roster.readers.some(({ recipient }) => recipient === open))
    throw new TrustError("brings a card whose keys were used before");
}

function checkProposed(roster: Roster, subject: Bytes): void {
  if (roster.proposal === null || !equal(roster.proposal.subject, subject))
    throw new TrustError("is about another card than the one that was proposed");
}

function checkDoor(roster: Roster, door: Bytes): void {
  if (!equal(door, roster.door)) throw new TrustError("was signed for another door");
}

const isSpent = (roster: Roster, key: Bytes): boolean => roster.spent.includes(toBase64(key));

async function signed<T extends { readonly door: Bytes }>(
  roster: Roster,
  key: Bytes,
  context: Context,
  blob: Bytes,
  form: Parser<T>,
): Promise<T> {
  const claim = await verify(key, context, blob, form);
  checkDoor(roster, claim.door);
  return claim;
}

/** A statement that a present reader signed. */
async function byReader<T extends { readonly door: Bytes; readonly by: Bytes }>(
  roster: Roster,
  context: Context,
  blob: Bytes,
  form: Parser<T>,
): Promise<T> {
  const { by } = unchecked(blob, form, context);
  if (!readerOf(roster, by)) throw new TrustError("is signed by somebody who does not belong to the household");
  return signed(roster, by, context, blob, form);
}

/** A statement that a present reader or Admit signed. */
async function byAnyone<T extends { readonly door: Bytes; readonly by: Bytes }>(
  roster: Roster,
  context: Context,
  blob: Bytes,
  form: Parser<T>,
): Promise<T> {
  const { by } = unchecked(blob, form, context);
  return equal(by, roster.admit) ? signed(roster, by, context, blob, form) : byReader(roster, context, blob, form);
}
