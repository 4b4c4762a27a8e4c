// The household's page: how the door is, the recordings, who can see.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Household } from "../door/household.ts";
import type { Link, View } from "../door/view.ts";
import { ProposedCard } from "./card.tsx";
import { Clips, type Playable } from "./clips.tsx";
import { Icon } from "./icons.tsx";
import { Applications } from "./joining.tsx";
import { HouseholdNews, Unfinished } from "./news.tsx";
import { People } from "./people.tsx";
import { Theatre } from "./theatre.tsx";
import { clock, occasion } from "./words.ts";
import { worksOffline } from "./worker.ts";

const NEWS_MS = 8_000;

type Room = "recordings" | "people";

interface Props {
  readonly household: Household;
  readonly view: View;
  readonly welcome: boolean;
}

export function Home({ household, view, welcome }: Props): JSX.Element {
  const [room, setRoom] = useState<Room>("recordings");
  const [playing, setPlaying] = useState<Playable | null>(null);
  const news = useNews(view, welcome);
  const status = view.alarm === null ? statusOf(view.link) : { tone: "bad", words: "Not trusted" };
  const { label } = view.verified.chain.roster;
  useEffect(() => {
    document.title = label;
  }, [label]);
  useEffect(() => {
    void worksOffline();
  }, []);
  const tab = (name: Room, icon: "film" | "eye", words: string): JSX.Element => (
    <button
      type="button"
      aria-current={room === name ? "page" : undefined}
      onClick={() => {
        setRoom(name);
      }}
    >
      <Icon name={icon} />
      {words}
    </button>
  );
  return (
    <>
      <header class="top">
        <h1>
          <bdi>{label}</bdi>
        </h1>
        <p class={`link ${status.tone}`} role="status">
          {status.words}
        </p>
        <nav aria-label="Pages">
          {tab("recordings", "film", "Recordings")}
          {tab("people", "eye", "Who can see")}
        </nav>
      </header>
      <main>
        {view.alarm !== null ? <Alarm reason={view.alarm} /> : <Trouble link={view.link} />}
        {view.alarm === null && (
          <>
            <Applications household={household} view={view} />
            <ProposedCard household={household} view={view} />
            <HouseholdNews household={household} view={view} />
            <Unfinished
              view={view}
              show={() => {
                setRoom("people");
              }}
            />
          </>
        )}
        {view.alarm === null && room === "recordings" && (
          <Clips view={view} play={setPlaying} loadEarlier={() => void household.loadEarlier()} />
        )}
        {view.alarm === null && room === "people" && <People household={household} view={view} />}
      </main>
      <p class="announcement" aria-live="polite">
        {news}
      </p>
      {playing !== null && (
        <Theatre
          clip={playing}
          household={household}
          close={() => {
            setPlaying(null);
          }}
        />
      )}
    </>
  );
}

function statusOf(link: Link): { tone: "good" | "bad" | "waiting"; words: string } {
  switch (link.kind) {
    case "connecting":
      return { tone: "waiting", words: "Connecting…" };
    case "live":
      return { tone: "good", words: "Door is well" };
    case "unreachable":
      return { tone: "bad", words: "Door not reachable" };
    case "interfered":
      return { tone: "bad", words: "Not your door" };
    case "stranger":
      return { tone: "bad", words: "Not recognised" };
  }
}

function Alarm({ reason }: { readonly reason: string }): JSX.Element {
  return (
    <div class="banner bad" role="alert">
      <Icon name="warn" />
      <div>
        <h2>The door’s record is not the one from before</h2>
        <p>{`Something is wrong: ${reason}. Records only ever grow, so somebody may have replaced the door’s memory. Nothing more is shown, so that you are not shown a false past.`}</p>
        <p>
          If you reset the door yourself, open the link of its new card. If you did not, keep the device as it is and
          look into it.
        </p>
      </div>
    </div>
  );
}

function Trouble({ link }: { readonly link: Link }): JSX.Element | null {
  if (link.kind === "unreachable")
    return (
      <Banner title="Door not reachable">
        It may be without power or network. What is shown here may be old; it keeps trying by itself.
      </Banner>
    );
  if (link.kind === "interfered")
    return (
      <Banner title="This answer is not from your door">
        What came was not signed by your door, so it was thrown away. Somebody may be interfering with the connection.
      </Banner>
    );
  if (link.kind === "stranger")
    return (
      <Banner title="The door does not recognise this device">
        Somebody of the household may have removed it, or the door was reset. The card’s link lets it join again. What
        it opened before is still here.
      </Banner>
    );
  return null;
}

const Banner = ({ title, children }: { readonly title: string; readonly children: string }): JSX.Element => (
  <div class="banner" role="alert">
    <Icon name="warn" />
    <div>
      <h2>{title}</h2>
      <p>{children}</p>
    </div>
  </div>
);

/** What to say aloud and show for a while: that one has joined, then each new recording, and a ring in the midst of one. */
function useNews(view: View, welcome: boolean): string {
  const [news, setNews] = useState(welcome ? "Welcome. This device now belongs to the household." : "");
  const [said, setSaid] = useState<string | null>(null);
  const newest = [...view.clips.values()]
    .filter((clip) => "statement" in clip)
    .reduce<Playable | null>((last, clip) => (last === null || clip.number > last.number ? clip : last), null);
  const latest = newest && `${occasion(newest.statement).words} at ${clock(newest.statement.begun_utc)}.`;
  useEffect(() => {
    if (!view.ready) return;
    if (said !== null && latest !== null && latest !== said) setNews(latest);
    setSaid(latest ?? "");
  }, [latest, view.ready]);
  useEffect(() => {
    const timer = setTimeout(() => {
      setNews("");
    }, NEWS_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [news]);
  return news;
}
