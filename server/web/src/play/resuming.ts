// A pause that nobody asked for: Safari stops a muted film when its tab is left, and never goes on by itself; and WebKit's `autoplay` waits
// for ever where its player lost pictures (`holes.ts`).

/** Play on when the page is seen again, if it was left while the film ran; until `stopped` fires. */
export function resume(video: HTMLVideoElement, stopped: AbortSignal): void {
  let ran = false;
  const options = { signal: stopped };
  video.addEventListener(
    "pause",
    () => {
      // Whoever pressed the button saw it.
      if (document.hidden && !video.ended) ran = true;
    },
    options,
  );
  document.addEventListener(
    "visibilitychange",
    () => {
      if (document.hidden) ran = !video.paused;
      else goOn();
    },
    options,
  );
  addEventListener("pageshow", goOn, options);

  function goOn(): void {
    if (!ran || !video.paused || video.ended) return;
    ran = false;
    // A browser that now wants a press shows its own button.
    video.play().catch(() => undefined);
  }
}

/** Begin as soon as there is something to show, without sound if the browser wants a press for that; until `stopped` fires. */
export function start(video: HTMLVideoElement, stopped: AbortSignal): void {
  video.addEventListener(
    "canplay",
    () => {
      if (!video.paused) return;
      video.play().catch(() => {
        if (stopped.aborted || video.muted) return;
        video.muted = true;
        video.play().catch(() => undefined);
      });
    },
    { signal: stopped, once: true },
  );
}
