// A few sentences of this reader's own, for when there is no time to talk: spoken here, kept in this browser, played at the door by
// one tap.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Bytes } from "../../format/bytes.ts";
import { concat } from "../../format/bytes.ts";
import { MOMENT_MS } from "../../format/talk.ts";
import { Microphone, canHear } from "../../speech/microphone.ts";
import {
  MAX_SENTENCES,
  MAX_SENTENCE_MS,
  type Sentence,
  forget,
  keep,
  lengthMs,
  sentences,
} from "../../speech/sentences.ts";
import { Fault, useAction } from "../parts/action.tsx";
import { plural } from "../parts/times.ts";

const MAX_NAME_LETTERS = 40;

export function Sentences(): JSX.Element | null {
  const [kept, setKept] = useState<readonly Sentence[] | null>(null);
  const action = useAction();
  const read = async (): Promise<void> => {
    setKept(await sentences());
  };
  useEffect(() => {
    void read();
  }, []);
  if (kept === null || !canHear()) return null;
  return (
    <section aria-labelledby="sentences">
      <h2 id="sentences">Quick replies</h2>
      <p>
        Sentences of your own, such as “One moment, please”. While you watch live, one tap plays them at the door. They
        are kept in this browser alone.
      </p>
      <ul class="rows">
        {kept.map((sentence) => (
          <li key={sentence.name}>
            <span class="grow">
              <bdi>{sentence.name}</bdi>
              <span class="quiet">{plural(Math.round(lengthMs(sentence) / 1000), "second")}</span>
            </span>
            <button
              type="button"
              class="action plain"
              aria-label={`Forget: ${sentence.name}`}
              disabled={action.busy}
              onClick={() => {
                action.run(async () => {
                  await forget(sentence.name);
                  await read();
                });
              }}
            >
              Forget
            </button>
          </li>
        ))}
      </ul>
      <Fault action={action} />
      {kept.length < MAX_SENTENCES ? (
        <Recorder kept={() => void read()} />
      ) : (
        <p class="quiet">There are as many as can be kept.</p>
      )}
    </section>
  );
}

/** Speak one, and give it a name. */
function Recorder({ kept }: { readonly kept: () => void }): JSX.Element {
  const action = useAction();
  const [name, setName] = useState("");
  const [sound, setSound] = useState<Bytes | null>(null);
  const recording = useRef<{ readonly microphone: Microphone; readonly moments: Bytes[] } | null>(null);
  const [isOn, setIsOn] = useState(false);
  const stop = (): void => {
    const { current } = recording;
    recording.current = null;
    current?.microphone.close();
    setIsOn(false);
    if (current !== null) setSound(concat(...current.moments));
  };
  useEffect(() => stop, []);
  const begin = async (): Promise<void> => {
    setSound(null);
    const microphone = await Microphone.open();
    const moments: Bytes[] = [];
    recording.current = { microphone, moments };
    setIsOn(true);
    microphone.hear((_, moment) => {
      moments.push(moment);
      if (moments.length * MOMENT_MS >= MAX_SENTENCE_MS) stop();
    });
  };
  return (
    <form
      class="unfolded"
      onSubmit={(event) => {
        event.preventDefault();
        if (sound === null || name.trim() === "") return;
        action.run(async () => {
          await keep({ name: name.trim(), sound });
          setSound(null);
          setName("");
          kept();
        });
      }}
    >
      <label>
        What do you say?
        <input
          name="sentence"
          value={name}
          maxLength={MAX_NAME_LETTERS}
          autocomplete="off"
          placeholder="One moment, please"
          onInput={(event) => {
            setName(event.currentTarget.value.normalize("NFC"));
          }}
        />
      </label>
      <div class="tools">
        {isOn ? (
          <button type="button" class="action main" onClick={stop}>
            Stop
          </button>
        ) : (
          <button
            type="button"
            class="action plain"
            disabled={action.busy}
            onClick={() => {
              action.run(begin);
            }}
          >
            {sound === null ? "Speak it" : "Speak it again"}
          </button>
        )}
        {sound !== null && (
          <button type="submit" class="action main" disabled={action.busy || name.trim() === ""}>
            Keep it
          </button>
        )}
      </div>
      <p class="quiet" role="status">
        {isOn
          ? "Speak now."
          : sound === null
            ? ""
            : `${plural(Math.round(lengthMs({ name, sound }) / 1000), "second")} were heard.`}
      </p>
      <Fault action={action} />
    </form>
  );
}
