// Giving: keys of older recordings, for a reader who joined later.
//
//     headers of the chosen clips → their file keys, with the epoch keys that open their events and lines
//     → parts that fit through the door, each sealed to the one reader
//
// Source: docs/FORMAT.md, "Grant".

import { Encrypter } from "age-encryption";
import type { Identity } from "age-encryption";

import { type Bytes, bytes } from "../format/bytes.ts";
import { blob, count, encode, list, object, oneOf } from "../format/json.ts";
import type { ReaderKeys } from "../format/household.ts";
import { NotForUs, SealBroken } from "../sealing/errors.ts";
import type { Epochs } from "../sealing/epochs.ts";
import { type Keyring, fileKey } from "../sealing/header.ts";
import type { ClipFacts } from "../trust/facts.ts";
import type { Ask } from "./session.ts";

const FORM = "doorward/v1/grant";
const NONCE_BYTES = 16;
const HEADERS = 64;
/** Letters of JSON; sealed, they and the header stay below the 8,192 bytes that the door takes. */
const PART_LETTERS = 5_600;

export const grantText = object({
  form: oneOf(FORM),
  door: blob(32),
  epochs: list(object({ epoch: count(1), key: blob(32) })),
  clips: list(object({ clip: count(1), key: blob(16) })),
});

interface ClipKey {
  readonly clip: number;
  readonly key: Bytes;
}
interface GivenEpoch {
  readonly epoch: number;
  readonly key: Bytes;
}

export interface Gift {
  readonly door: Bytes;
  readonly to: ReaderKeys;
  /** Clips to give, with what the record tells of them. */
  readonly clips: readonly (readonly [number, ClipFacts])[];
}

/** What the giver opens with: its own key, and the keys of films that it was given itself. */
export interface Giver {
  readonly identity: Identity;
  readonly epochs: Epochs;
  readonly given: (clip: number) => readonly Bytes[];
}

/** Gives part by part, and yields the clips that are given with each; what cannot be opened is left out. Throws what `ask` throws. */
export async function* give(
  ask: Ask,
  { door, to, clips }: Gift,
  { identity, epochs, given: givenFor }: Giver,
): AsyncGenerator<readonly number[], void> {
  const given = new Set<number>();
  for (let at = 0; at < clips.length;) {
    const asked = clips.slice(at, at + HEADERS);
    const { body } = await ask({ type: "headers", clips: asked.map(([clip]) => clip) });
    const keys: ClipKey[] = [];
    for (const { clip, header } of body.headers) {
      const key = await keyOf(header, { identity, given: givenFor(clip) });
      if (key !== null) keys.push({ clip, key });
    }
    // The answer holds as many as fit, in the order in which they were asked for.
    const last = body.headers.at(-1)?.clip;
    const reached = asked.findIndex(([clip]) => clip === last);
    const done = reached < 0 ? asked : asked.slice(0, reached + 1);
    const wanted = done.flatMap(([, facts]) => facts.epochs).filter((epoch) => !given.has(epoch));
    const open = await openEpochs([...new Set(wanted)], epochs);
    for (const { epoch } of open) given.add(epoch);
    for (const part of parts(open, keys)) {
      const encrypter = new Encrypter();
      encrypter.addRecipient(to.recipient);
      const file = bytes(await encrypter.encrypt(encode({ form: FORM, door, ...part })));
      await ask({ type: "grant", to: to.sign, clips: part.clips.length, file });
      yield part.clips.map(({ clip }) => clip);
    }
    at += done.length;
  }
}

async function keyOf(header: Bytes, keyring: Keyring): Promise<Bytes | null> {
  try {
    return await fileKey(header.slice(0, -NONCE_BYTES), keyring);
  } catch (error) {
    if (error instanceof NotForUs || error instanceof SealBroken) return null;
    throw error;
  }
}

async function openEpochs(numbers: readonly number[], epochs: Epochs): Promise<readonly GivenEpoch[]> {
  const open: GivenEpoch[] = [];
  for (const epoch of numbers) {
    const key = await epochs.key(epoch);
    if (key !== null) open.push({ epoch, key: key.base });
    else open.push(...epochs.givenOf(epoch).map((claim) => ({ epoch, key: claim })));
  }
  return open;
}

interface Part {
  readonly epochs: { readonly epoch: number; readonly key: Bytes }[];
  readonly clips: { readonly clip: number; readonly key: Bytes }[];
}

/** Keys in parts that fit. Epochs go first: without them a clip has no event to be found by. */
export function parts(epochs: readonly GivenEpoch[], clips: readonly ClipKey[]): readonly Part[] {
  const made: Part[] = [];
  let letters = PART_LETTERS;
  const room = (entry: GivenEpoch | ClipKey): Part => {
    letters += encode({ ...entry }).length + 1;
    const last = made.at(-1);
    if (last !== undefined && letters <= PART_LETTERS) return last;
    letters = encode({ ...entry }).length + 1;
    const fresh: Part = { epochs: [], clips: [] };
    made.push(fresh);
    return fresh;
  };
  for (const epoch of epochs) room(epoch).epochs.push(epoch);
  for (const clip of clips) room(clip).clips.push(clip);
  return made;
}
