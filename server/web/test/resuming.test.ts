// A tab that is left and seen again, with a player that stops as Safari's does.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { resume } from "../src/play/resuming.ts";

class FakeDocument extends EventTarget {
  hidden = false;
}
class FakeVideo extends EventTarget {
  paused = false;
  ended = false;
  pause(): void {
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }
  play(): Promise<void> {
    this.paused = false;
    return Promise.resolve();
  }
}

const page = new FakeDocument();
const world = globalThis as { document?: unknown; addEventListener?: unknown };
const stopping = { now: new AbortController() };
beforeEach(() => {
  stopping.now = new AbortController();
  world.document = page;
  world.addEventListener = page.addEventListener.bind(page);
});
afterEach(() => {
  stopping.now.abort();
  delete world.document;
  delete world.addEventListener;
});

function shows(): FakeVideo {
  const video = new FakeVideo();
  resume(video as unknown as HTMLVideoElement, stopping.now.signal);
  return video;
}

function turn(hidden: boolean): void {
  page.hidden = hidden;
  page.dispatchEvent(new Event("visibilitychange"));
}

test("a film that its browser stopped with its tab plays on when it is seen again", () => {
  const video = shows();
  turn(true);
  video.pause();
  turn(false);
  assert.equal(video.paused, false);
});

test("a page that comes back without being turned plays on too", () => {
  const video = shows();
  page.hidden = true;
  video.pause();
  page.hidden = false;
  page.dispatchEvent(new Event("pageshow"));
  assert.equal(video.paused, false);
});

test("a film that somebody stopped, or that has ended, stays as it is", () => {
  const stopped = shows();
  stopped.pause();
  const over = shows();
  over.ended = true;
  over.pause();
  turn(true);
  turn(false);
  assert.equal(stopped.paused, true);
  assert.equal(over.paused, true);
});

test("what is no longer shown is never played again", () => {
  const video = shows();
  turn(true);
  video.pause();
  stopping.now.abort();
  turn(false);
  assert.equal(video.paused, true);
});
