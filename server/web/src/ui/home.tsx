// The household's page: how the door is, the recordings, who can see.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Clip } from "../clips/clips.ts";
import type { Film, Moment } from "../clips/moments.ts";
import type { Household } from "../door/household.ts";
import type { View } from "../door/view.ts";
import { isRunning } from "../trust/facts.ts";
import type { Visit } from "../trust/visits.ts";
import { Here } from "./bell/here.tsx";
import { giveScreen, hang, isOnTheWall, takeScreen } from "./bell/mode.ts";
import { Ringing } from "./bell/ringing.tsx";
import { Silent } from "./bell/silent.tsx";
import { Visits } from "./bell/visits.tsx";
import { Wall } from "./bell/wall.tsx";
import { chime } from "./bell/chime.ts";
import { Control } from "./door/control.tsx";
import { Health } from "./door/health.tsx";
import { ProposedCard } from "./household/card.tsx";
import { Sentences } from "./door/sentences.tsx";
import { Clips } from "./recordings/clips.tsx";
import { Status, Trouble } from "./door/status.tsx";
import { Icon } from "./parts/icons.tsx";
import { LISTENS } from "./live/listen.tsx";
import { Live, lookingNow } from "./live/live.tsx";
import { Applications } from "./household/joining.tsx";
import { HouseholdNews, Unfinished } from "./record/news.tsx";
import { People } from "./household/people.tsx";
import { Player } from "./recordings/player.tsx";
import { clock } from "./parts/times.ts";
import { occasion } from "./parts/words.ts";
import { worksOffline } from "./door/worker.ts";

const NEWS_MS = 8_000;
/** A bell on the wall goes back to its clock by itself. */
const WALL_LIVE_MS = 120_000;

type Room = "recordings" | "live" | "door" | "people";

/** What is played; `isPast` if somebody came to it from live. */
interface Playing {
  readonly moment: Moment;
  readonly isPast: boolean;
}

interface Props {
  readonly household: Household;
  readonly view: View;
  readonly welcome: boolean;
}

export function Home({ household, view, welcome }: Props): JSX.Element {
  const [room, setRoom] = useState<Room>("recordings");
  const [playing, setPlaying] = useState<Playing | null>(null);
  const [isWall, setIsWall] = useState(isOnTheWall);
  const goLive = (): void => {
    setPlaying(null);
    setRoom("live");
  };
  const play = (clip: Film): void => {
    setPlaying({ moment: { clip, fromS: 0, is: "then" }, isPast: false });
  };
  // Nobody is on record as watching live who looks at what is past.
  const goBack = (moment: Moment): void => {
    setRoom("recordings");
    setPlaying({ moment, isPast: true });
  };
  const news = useNews(view, welcome);
  const { label } = view.verified.chain.roster;
  useEffect(() => {
    document.title = label;
  }, [label]);
  useEffect(() => {
    if (!isWall || room !== "live") return undefined;
    const timer = setTimeout(() => {
      setRoom("recordings");
    }, WALL_LIVE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [isWall, room]);
  useEffect(() => {
    void worksOffline();
  }, []);
  const look = (visit: Visit): (() => void) | null => {
    const clip = view.clips.get(visit.clip);
    if (clip?.kind === "sealed" || clip?.kind === "interrupted")
      return () => {
        play(clip);
      };
    // While it is recorded, what there is to see is what happens now.
    return isRunning(view.verified.facts.clips.get(visit.clip)) ? goLive : null;
  };
  const goOnTheWall = (): void => {
    hang(true);
    setIsWall(true);
    void chime.enable();
    void takeScreen();
  };
  const leaveTheWall = (): void => {
    hang(false);
    setIsWall(false);
    void giveScreen();
  };
  const ring = view.alarm === null && <Ringing household={household} view={view} look={goLive} large={isWall} />;
  const player = playing !== null && (
    <Player
      moment={playing.moment}
      household={household}
      close={() => {
        setPlaying(null);
      }}
      back={playing.isPast ? goLive : null}
    />
  );
  if (isWall)
    return (
      <>
        {room === "live" && view.alarm === null ? (
          <main class="wall-live">
            <Live
              household={household}
              view={view}
              past={goBack}
              before="Back to the clock"
              leave={() => {
                setRoom("recordings");
              }}
            />
          </main>
        ) : (
          <Wall view={view} leave={leaveTheWall} />
        )}
        {ring}
        {player}
      </>
    );
  const tab = (name: Room, icon: "film" | "live" | "door" | "eye", words: string): JSX.Element => (
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
        <Status view={view} />
        <nav aria-label="Pages">
          {tab("recordings", "film", "Recordings")}
          {tab("live", "live", "Live")}
          {tab("door", "door", "Door")}
          {tab("people", "eye", "Who can see")}
        </nav>
      </header>
      <main>
        {view.alarm === null && room === "live" && (
          <Live
            household={household}
            view={view}
            past={goBack}
            before="What happened before"
            leave={() => {
              setRoom("recordings");
            }}
          />
        )}
        {room !== "live" && lookingNow(view) !== "" && <p class="looking">{lookingNow(view)}</p>}
        <Trouble view={view} />
        {view.alarm === null && (
          <>
            <Visits household={household} view={view} look={look} />
            <Silent />
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
          <Clips view={view} play={play} loadEarlier={() => void household.loadEarlier()} />
        )}
        {view.alarm === null && room === "door" && (
          <>
            <Control household={household} view={view} />
            {view.listens && <p class="quiet">{LISTENS}</p>}
            {view.speaks && <Sentences />}
            <Here hang={goOnTheWall} />
            <Health household={household} />
          </>
        )}
        {view.alarm === null && room === "people" && <People household={household} view={view} />}
      </main>
      <p class="announcement" aria-live="polite">
        {news}
      </p>
      {ring}
      {player}
    </>
  );
}

type Told = Extract<Clip, { statement: unknown }>;

/** What to say aloud and show for a while: that one has joined, then each new recording, and a ring in the midst of one. */
function useNews(view: View, welcome: boolean): string {
  const [news, setNews] = useState(welcome ? "Welcome. This device now belongs to the household." : "");
  const [said, setSaid] = useState<string | null>(null);
  const newest = [...view.clips.values()]
    .filter((clip) => "statement" in clip)
    .reduce<Told | null>((last, clip) => (last === null || clip.number > last.number ? clip : last), null);
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
