// The saved page: opens recordings with the card, and checks films with their proofs, from disk and without a network.

import type { JSX } from "preact";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { bytes } from "../format/bytes.ts";
import { save } from "../ui/parts/save.ts";
import { duration, exactTime, plural } from "../ui/parts/times.ts";
import { withLength } from "./length.ts";
import { type Opening, openHalfIn, openRecording } from "./open.ts";
import { type Checked, checkProof } from "./proof.ts";
import "../ui/app.css";
import "./page.css";

// Whoever serves a page can change it: the card's letters are only ever typed into a file of one's own.
const served = location.protocol.startsWith("http");

const Served = (): JSX.Element => (
  <p class="judgement bad" role="alert">
    This page came over a network, so it does not ask for your card: whoever sent it could have changed it. Save it with
    “doorward page”, and open it from your own disk.
  </p>
);

function Page(): JSX.Element {
  return (
    <>
      <header class="top">
        <h1>Open and check recordings</h1>
      </header>
      <main>
        <p class="lead">
          This page needs no door and no network. Nothing that you choose or type here leaves it, and nothing stays when
          you close it.
        </p>
        {served ? <Served /> : <OpenRecording />}
        <CheckFilm />
      </main>
    </>
  );
}

function OpenRecording(): JSX.Element {
  const [file, setFile] = useState<File | null>(null);
  const [typed, setTyped] = useState("");
  const [size, setSize] = useState<number | null>(null);
  const [opening, setOpening] = useState<Opening | null>(null);
  const half = openHalfIn(typed);
  const fault = typed.trim() === "" || half !== null ? null : whyNoHalf(typed);
  const open = async (): Promise<void> => {
    if (file === null || half === null) return;
    setOpening(null);
    setSize(0);
    setOpening(await openRecording(file, half, setSize));
    setSize(null);
  };
  return (
    <section aria-labelledby="open">
      <h2 id="open">Open a recording</h2>
      <form
        class="sheet"
        onSubmit={(event) => {
          event.preventDefault();
          void open();
        }}
      >
        <Choose label="The sealed recording" hint=".mp4.age" accept=".age" chosen={setFile} />
        <label>
          The lower half of the card, which says “Open”
          <textarea
            class="code"
            rows={4}
            value={typed}
            spellcheck={false}
            autocomplete="off"
            autocapitalize="characters"
            placeholder="AGE-SECRET-KEY-PQ-1…"
            aria-invalid={fault !== null}
            onInput={(event) => {
              setTyped(event.currentTarget.value);
            }}
          />
        </label>
        <p class="fault" role="alert">
          {fault}
        </p>
        <Choose
          label="or a file that the card was saved to"
          hint=""
          accept=""
          chosen={(card) => void card?.text().then(setTyped)}
        />
        <button type="submit" class="action main" disabled={file === null || half === null || size !== null}>
          {size === null ? "Open" : "Opening…"}
        </button>
        {size !== null && file !== null && <progress value={size} max={file.size} aria-label="Opened" />}
      </form>
      {opening !== null && <Opened opening={opening} name={file?.name ?? "recording"} />}
    </section>
  );
}

function whyNoHalf(typed: string): string {
  return /^\s*admit/i.test(typed)
    ? "This is the half that says “Admit”. It adds devices, and opens nothing: use the other half."
    : "The letters begin with AGE-SECRET-KEY-PQ-1.";
}

function Opened({ opening, name }: { readonly opening: Opening; readonly name: string }): JSX.Element {
  if (opening.kind === "refused") return <Verdict tone="bad" title="This did not open." words={opening.sentence} />;
  return (
    <>
      {opening.kind === "opened" ? (
        <Verdict tone="good" title="This card opens your recordings." words={`Words of this film: ${opening.words}`} />
      ) : (
        <Verdict
          tone="bad"
          title={opening.kind === "cut" ? "This recording was cut short." : "The rest was changed or damaged."}
          words="What there is up to that place opens."
        />
      )}
      <Film film={opening.film} />
      <button
        type="button"
        class="action plain"
        onClick={() => {
          save(opening.film, name.replace(/\.age$/, ""));
        }}
      >
        Save the open film
      </button>
      {opening.kind === "opened" && (
        <p class="quiet">{`It is sealed to ${plural(opening.keys, "key")}: this card’s, and one for each device that belonged to your household when it was made. If there are more than that, somebody else can open it too; “doorward verify” counts them.`}</p>
      )}
      <p class="quiet">Opening does not tell who sealed it. To check that, use a film with its proof.</p>
    </>
  );
}

function Film({ film }: { readonly film: Blob }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const left = new AbortController();
    void playable(film).then((played) => {
      if (left.signal.aborted || video.current === null) return;
      const url = URL.createObjectURL(played);
      left.signal.addEventListener("abort", () => {
        URL.revokeObjectURL(url);
      });
      video.current.src = url;
    });
    return () => {
      left.abort();
    };
  }, [film]);
  return <video ref={video} class="film" controls muted playsInline aria-label="The recording" />;
}

/** The film with its length in its header; without, if this browser has no room for a copy. Never throws. */
async function playable(film: Blob): Promise<Blob> {
  try {
    return new Blob([withLength(bytes(new Uint8Array(await film.arrayBuffer())))], { type: film.type });
  } catch {
    return film;
  }
}

function CheckFilm(): JSX.Element {
  const [film, setFilm] = useState<File | null>(null);
  const [proof, setProof] = useState<File | null>(null);
  const [size, setSize] = useState<number | null>(null);
  const [checked, setChecked] = useState<Checked | null>(null);
  const check = async (): Promise<void> => {
    if (film === null || proof === null) return;
    setChecked(null);
    setSize(0);
    setChecked(await checkProof(film, proof, setSize));
    setSize(null);
  };
  return (
    <section aria-labelledby="check">
      <h2 id="check">Check a film</h2>
      <form
        class="sheet"
        onSubmit={(event) => {
          event.preventDefault();
          void check();
        }}
      >
        <Choose label="The film" hint=".mp4" accept=".mp4" chosen={setFilm} />
        <Choose label="Its proof" hint=".mp4.proof" accept=".proof" chosen={setProof} />
        <button type="submit" class="action main" disabled={film === null || proof === null || size !== null}>
          {size === null ? "Check" : "Checking…"}
        </button>
        {size !== null && film !== null && <progress value={size} max={film.size} aria-label="Checked" />}
      </form>
      {checked !== null && <Result checked={checked} />}
    </section>
  );
}

function Result({ checked }: { readonly checked: Checked }): JSX.Element {
  if (checked.kind === "refused") return <Verdict tone="bad" title="This does not hold." words={checked.sentence} />;
  const { begun_utc, duration_ms, triggers } = checked.said;
  const rang = triggers.some(({ kind }) => kind === "ring");
  return (
    <>
      <Verdict tone="good" title="This film is unchanged since it was sealed." words="" />
      <p>
        Sealed by the device whose key reads <strong class="words">{checked.words}</strong>; this page cannot know whose
        door that is, nor the true time.
      </p>
      <p class="quiet">{`By that device’s own clock: ${exactTime(begun_utc)}, ${duration(duration_ms)} long, ${rang ? "the bell rang" : "something moved"}.`}</p>
    </>
  );
}

const Verdict = ({
  tone,
  title,
  words,
}: {
  readonly tone: "good" | "bad";
  readonly title: string;
  readonly words: string;
}): JSX.Element => (
  <div class={`judgement ${tone}`} role="status">
    <p>
      <strong>{title}</strong> {words}
    </p>
  </div>
);

interface Choosing {
  readonly label: string;
  readonly hint: string;
  readonly accept: string;
  readonly chosen: (file: File | null) => void;
}

/** A place to choose a file, or to drop one on. */
function Choose({ label, hint, accept, chosen }: Choosing): JSX.Element {
  const [name, setName] = useState<string | null>(null);
  const take = (file: File | undefined): void => {
    setName(file?.name ?? null);
    chosen(file ?? null);
  };
  return (
    <label
      class="choose"
      onDragOver={(event) => {
        event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        take(event.dataTransfer?.files[0]);
      }}
    >
      <span>
        {label} {hint && <span class="quiet">{hint}</span>}
      </span>
      <span class="quiet">{name ?? "Choose a file, or drop it here"}</span>
      <input
        type="file"
        accept={accept}
        onChange={(event) => {
          take(event.currentTarget.files?.[0]);
        }}
      />
    </label>
  );
}

const place = document.getElementById("page");
if (place) render(<Page />, place);
